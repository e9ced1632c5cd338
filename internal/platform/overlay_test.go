package platform

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func number[T int32 | int64](n T) *T { return &n }

func base() Spec {
	return Spec{
		Name: "x", Workload: &Workload{
			Image: "one", Replicas: number[int32](3), Ports: []Port{{5000, 80}}, Labels: map[string]string{"a": "b"},
			NodeSelector: map[string]string{"zone": "a"}, FSGroup: number[int64](7),
		},
		Storage: &Storage{PVC: &PVC{Claim: "images", Size: "1Gi", Mode: "ReadWriteOnce"}},
		TLS:     &TLS{Secret: "x-tls"}, Auth: &Auth{Kind: AuthHtpasswd, Secret: "x-users"},
	}
}

func TestOverKeepsWhatIsNotSpokenAbout(t *testing.T) {
	got := Spec{Name: "x", Workload: &Workload{}}.Over(base())
	require.Equal(t, base(), got)
}

func TestOverReplacesWhatIs(t *testing.T) {
	yes := true
	for name, c := range map[string]struct {
		part Spec
		want func(s *Spec)
	}{
		"a field":                {Spec{Workload: &Workload{Image: "two"}}, func(s *Spec) { s.Workload.Image = "two" }},
		"a zero":                 {Spec{Workload: &Workload{Replicas: number[int32](0)}}, func(s *Spec) { s.Workload.Replicas = number[int32](0) }},
		"a map as a whole":       {Spec{Workload: &Workload{Labels: map[string]string{"c": "d"}}}, func(s *Spec) { s.Workload.Labels = map[string]string{"c": "d"} }},
		"a map by an empty one":  {Spec{Workload: &Workload{NodeSelector: map[string]string{}}}, func(s *Spec) { s.Workload.NodeSelector = map[string]string{} }},
		"ports, host ports too":  {Spec{Workload: &Workload{Ports: []Port{{Container: 5001}}}}, func(s *Spec) { s.Workload.Ports = []Port{{Container: 5001}} }},
		"one group by the other": {Spec{Workload: &Workload{SupplementalGroups: []int64{8}}}, func(s *Spec) { s.Workload.FSGroup, s.Workload.SupplementalGroups = nil, []int64{8} }},
		"replicas by a set":      {Spec{Workload: &Workload{DaemonSet: &yes}}, func(s *Spec) { s.Workload.Replicas, s.Workload.DaemonSet = nil, &yes }},
		"a claim's size":         {Spec{Storage: &Storage{PVC: &PVC{Size: "2Gi"}}}, func(s *Spec) { s.Storage.PVC.Size = "2Gi" }},
		"a kind of storage":      {Spec{Storage: &Storage{NFS: &NFS{"h", "/x"}}}, func(s *Spec) { s.Storage = &Storage{NFS: &NFS{"h", "/x"}} }},
		"TLS":                    {Spec{TLS: &TLS{Off: true}}, func(s *Spec) { s.TLS = &TLS{Off: true} }},
		"users":                  {Spec{Auth: &Auth{Kind: AuthNone}}, func(s *Spec) { s.Auth = &Auth{Kind: AuthNone} }},
		"a certificate":          {Spec{TLS: &TLS{Certificate: []byte("c"), Key: []byte("k")}}, func(s *Spec) { s.TLS = &TLS{Certificate: []byte("c"), Key: []byte("k")} }},
	} {
		t.Run(name, func(t *testing.T) {
			want := base()
			c.want(&want)
			c.part.Name = "x"
			got := c.part.Over(base())
			require.Equal(t, want, got)
		})
	}
}

func TestOverSharesNothing(t *testing.T) {
	s, b := Spec{Name: "x", Workload: &Workload{Image: "two"}, Storage: &Storage{PVC: &PVC{Class: "fast"}}}, base()
	got := s.Over(b)
	got.Workload.Image, got.Storage.PVC.Claim, got.TLS.Secret, got.Auth.Kind = "changed", "changed", "changed", "changed"
	require.Equal(t, base(), b)
	require.Equal(t, "two", s.Workload.Image)
	require.Empty(t, s.Storage.PVC.Claim)
}

func TestOverReplacesWhatIsOneThing(t *testing.T) {
	b := Spec{
		TLS: &TLS{Secret: "a", Certificate: []byte("c")}, Auth: &Auth{Kind: AuthHtpasswd, Secret: "u"},
		Exposure: &Exposure{Host: "h", Path: "/p"},
		Workload: &Workload{Ports: []Port{{Container: 1}}, Labels: map[string]string{"a": "b"}, NodeSelector: map[string]string{"c": "d"}},
		Operator: &Operator{State: Managed, Reads: &Queue{Running: 1, Wait: "1s"}, Writes: &Queue{Running: 2, Wait: "2s"}, Tolerations: []Toleration{{Key: "k"}},
			Resources: &Resources{Requests: map[string]string{"cpu": "1"}, Limits: map[string]string{"cpu": "2"}}},
		Service: &Service{Nodes: "n1", Cluster: "c"},
	}
	s := Spec{
		TLS: &TLS{}, Auth: &Auth{Kind: AuthNone}, Exposure: &Exposure{Kind: Edge},
		Workload: &Workload{Ports: []Port{}, Labels: map[string]string{}, NodeSelector: map[string]string{}},
		Operator: &Operator{Reads: &Queue{Running: 3}, Writes: &Queue{Queued: 4}, Tolerations: []Toleration{}, Resources: &Resources{Limits: map[string]string{"memory": "1Gi"}}},
		Service:  &Service{Nodes: "n2"},
	}
	require.Equal(t, Spec{
		TLS: &TLS{}, Auth: &Auth{Kind: AuthNone}, Exposure: &Exposure{Kind: Edge},
		Workload: &Workload{NodeSelector: map[string]string{}},
		Operator: &Operator{State: Managed, Reads: &Queue{Running: 3}, Writes: &Queue{Queued: 4}, Tolerations: []Toleration{},
			Resources: &Resources{Requests: map[string]string{"cpu": "1"}, Limits: map[string]string{"memory": "1Gi"}}},
		Service: &Service{Nodes: "n2", Cluster: "c"},
	}, s.Over(b))
}
