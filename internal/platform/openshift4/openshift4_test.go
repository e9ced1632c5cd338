package openshift4

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/platformtest"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/trust"
	"github.com/stretchr/testify/require"
)

func offline(t *testing.T) *Platform {
	t.Helper()
	return &Platform{
		Client: &cluster.Client{Namespace: "default"}, Warn: t.Logf, Say: t.Logf,
		Confirm: func(question string) error { t.Errorf("asked: %s", question); return nil },
	}
}

func TestPlatform(t *testing.T) {
	platformtest.Run(t, func(t *testing.T) platform.Platform {
		t.Helper()
		return offline(t)
	})
}

// over is a platform that has read this configuration.
func over(t *testing.T, spec string) *Platform {
	t.Helper()
	p := offline(t)
	p.live = &cluster.Object{}
	require.NoError(t, json.Unmarshal([]byte(`{"apiVersion":"imageregistry.operator.openshift.io/v1","kind":"Config","metadata":{"name":"cluster"},"spec":`+spec+`}`), &p.live.Object))
	return p
}

// edited completes and plans a Spec, and returns the configuration's spec as it is then.
func edited(t *testing.T, p *Platform, s platform.Spec) string {
	t.Helper()
	s.Name = Name
	full, err := p.Complete(t.Context(), s)
	require.NoError(t, err)
	again, err := p.Complete(t.Context(), full)
	require.NoError(t, err)
	require.Equal(t, full, again)
	changes, err := p.Plan(t.Context(), full)
	require.NoError(t, err)
	e, ok := changes[len(changes)-1].(*change.Edit)
	require.True(t, ok)
	o := p.live.DeepCopy()
	require.NoError(t, e.Do(o))
	b, err := json.Marshal(o.Object["spec"])
	require.NoError(t, err)
	return string(b)
}

func TestWhatIsEdited(t *testing.T) {
	two, no := int32(2), false
	for name, c := range map[string]struct {
		live string
		s    platform.Spec
		want string
	}{
		"a new cluster": {
			`{"managementState":"Removed","replicas":1,"rolloutStrategy":"RollingUpdate","storage":{},"logLevel":"Normal"}`,
			platform.Spec{Storage: &platform.Storage{EmptyDir: &platform.EmptyDir{}}},
			`{"logLevel":"Normal","managementState":"Managed","replicas":1,"rolloutStrategy":"RollingUpdate","storage":{"emptyDir":{}}}`,
		},
		"nothing": {
			`{"managementState":"Managed","replicas":2,"storage":{"swift":{"container":"b"}}}`, platform.Spec{},
			`{"managementState":"Managed","replicas":2,"storage":{"swift":{"container":"b"}}}`,
		},
		"the same bucket": {
			`{"managementState":"Managed","replicas":1,"storage":{"managementState":"Unmanaged","s3":{"bucket":"b","region":"eu","encrypt":true}}}`,
			platform.Spec{Storage: &platform.Storage{S3: &platform.S3{Bucket: "b", Region: "us"}}, Workload: &platform.Workload{Replicas: &two}},
			`{"managementState":"Managed","replicas":2,"storage":{"managementState":"Unmanaged","s3":{"bucket":"b","encrypt":true,"region":"us"}}}`,
		},
		"numbers": {
			`{"managementState":"Managed","replicas":1,"storage":{"emptyDir":{}},"resources":{"requests":{"cpu":1,"memory":"1Gi"},"limits":{"cpu":2}}}`,
			platform.Spec{Operator: &platform.Operator{Resources: &platform.Resources{Limits: map[string]string{"cpu": "3"}}}},
			`{"managementState":"Managed","replicas":1,"resources":{"limits":{"cpu":"3"},"requests":{"cpu":1,"memory":"1Gi"}},"storage":{"emptyDir":{}}}`,
		},
		"taken back": {
			`{"managementState":"Managed","replicas":1,"storage":{"emptyDir":{}},"readOnly":true,"nodeSelector":{"a":"b"},"tolerations":[{"key":"x","tolerationSeconds":5}],"requests":{"read":{"maxRunning":5,"maxWaitInQueue":"1s"}}}`,
			platform.Spec{
				Workload: &platform.Workload{NodeSelector: map[string]string{}},
				Operator: &platform.Operator{ReadOnly: &no, Tolerations: []platform.Toleration{}, Reads: &platform.Queue{}},
			},
			`{"managementState":"Managed","replicas":1,"requests":{"read":{"maxWaitInQueue":"0s"}},"storage":{"emptyDir":{}}}`,
		},
		"another toleration": {
			`{"managementState":"Managed","replicas":1,"storage":{"emptyDir":{}},"tolerations":[{"key":"x","value":"y","tolerationSeconds":5}]}`,
			platform.Spec{Operator: &platform.Operator{Tolerations: []platform.Toleration{{Key: "z", Operator: "Exists"}}}},
			`{"managementState":"Managed","replicas":1,"storage":{"emptyDir":{}},"tolerations":[{"key":"z","operator":"Exists"}]}`,
		},
		"exposed too": {
			`{"managementState":"Managed","replicas":1,"storage":{"emptyDir":{}},"routes":[{"name":"mine","hostname":"a.example.com","secretName":"s"}]}`,
			platform.Spec{Exposure: &platform.Exposure{Host: "a.example.com"}},
			`{"managementState":"Managed","replicas":1,"routes":[{"hostname":"a.example.com","name":"mine","secretName":"s"}],"storage":{"emptyDir":{}}}`,
		},
	} {
		t.Run(name, func(t *testing.T) { require.JSONEq(t, c.want, edited(t, over(t, c.live), c.s)) })
	}
}

func TestImagesAreNotLeftBehindUnasked(t *testing.T) {
	for live, want := range map[string]string{
		`{"managementState":"Managed","replicas":1,"storage":{"pvc":{"claim":"images"}}}`:    "the images are in the claim images and are not copied to the pod (emptydir)",
		`{"managementState":"Managed","replicas":1,"storage":{"swift":{"container":"b"}}}`:   "the images are in storage that regctl did not configure and are not copied",
		`{"managementState":"Removed","replicas":1,"storage":{"s3":{"bucket":"images"}}}`:    "the images are in the bucket images",
		`{"managementState":"Managed","replicas":1,"storage":{"emptyDir":{},"pvc":{}}}`:      "the images are in storage that regctl did not configure",
		`{"managementState":"Managed","replicas":1,"storage":{"pvc":{"claim":""}}}`:          "the images are in the claim image-registry-storage",
		`{"managementState":"Removed","replicas":1,"storage":{},"defaultRoute":true}`:        "",
		`{"managementState":"Managed","replicas":1,"storage":{"emptyDir":{},"pvc":null}}`:    "",
		`{"managementState":"Removed","replicas":1,"storage":{"managementState":"Managed"}}`: "",
	} {
		p, asked := over(t, live), ""
		p.Confirm = func(question string) error { asked = question; return errors.New("no") }
		full, err := p.Complete(t.Context(), platform.Spec{Name: Name, Storage: &platform.Storage{EmptyDir: &platform.EmptyDir{}}})
		require.NoError(t, err)
		_, err = p.Plan(t.Context(), full)
		require.Equal(t, want != "", err != nil, live)
		require.Contains(t, asked, want)
	}
}

func TestRemovalRequiresConfirmation(t *testing.T) {
	for live, want := range map[string]string{
		`{"managementState":"Managed","storage":{"emptyDir":{}}}`:       "Lost: the images in the pod.",
		`{"managementState":"Managed","storage":{"s3":{"bucket":"b"}}}`: "Kept: the images in the bucket b",
		`{"managementState":"Unmanaged","storage":{}}`:                  "The registry has no storage.",
		`{"managementState":"Removed","storage":{"pvc":{"claim":"c"}}}`: "",
		`{"managementState":"Managed","storage":{"gcs":{},"pvc":{}}}`:   "Kept: the images in storage that regctl did not configure",
	} {
		p, asked := over(t, live), ""
		p.Confirm = func(question string) error { asked = question; return nil }
		changes, err := p.Delete(t.Context(), Name, false)
		require.NoError(t, err)
		require.Len(t, changes, 1)
		require.Contains(t, asked, want)
		require.Equal(t, want == "", asked == "", live)
	}
}

func TestRefusals(t *testing.T) {
	none := &platform.Storage{EmptyDir: &platform.EmptyDir{}}
	for name, s := range map[string]platform.Spec{
		"image": {Workload: &platform.Workload{Image: "x"}}, "groups": {Workload: &platform.Workload{SupplementalGroups: []int64{1}}},
		"quota": {Workload: &platform.Workload{EnforceQuota: new(true)}}, "mount path": {Workload: &platform.Workload{MountPath: "/x"}},
		"cluster IP": {Workload: &platform.Workload{ClusterIP: "10.0.0.1"}}, "no TLS": {TLS: &platform.TLS{Off: true}},
		"TLS": {TLS: &platform.TLS{Secret: "x"}}, "users": {Auth: &platform.Auth{Kind: platform.AuthHtpasswd}}, "service": {Service: &platform.Service{}},
		"name": {Name: "mirror"}, "namespace": {Namespace: "web"}, "edge": {Exposure: &platform.Exposure{Kind: platform.Edge}},
		"labels": {Exposure: &platform.Exposure{Labels: map[string]string{"a": "b"}}}, "a CA": {Exposure: &platform.Exposure{CASecret: "x"}},
		"S3 secret": {Storage: &platform.Storage{S3: &platform.S3{Bucket: "b", Region: "r", Access: platform.Access{Secret: "mine"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			if s.Name == "" {
				s.Name = platform.DefaultName
			}
			if s.Storage == nil {
				s.Storage = none
			}
			_, err := offline(t).Complete(t.Context(), s)
			require.ErrorIs(t, err, platform.ErrUnsupported)
			require.NotEmpty(t, hint.Of(err))
			require.Equal(t, hint.Usage, hint.CodeOf(err))
		})
	}
}

func TestKeysOfHosts(t *testing.T) {
	for spelling, key := range map[string]string{"a.example.com": "a.example.com", "a.example.com:5000": "a.example.com..5000", "10.0.0.1:443": "10.0.0.1..443"} {
		require.Equal(t, key, keyOf(spelling))
		require.Equal(t, spelling, hostOfKey(key))
	}
	all, err := keys([]trust.Host{{Name: "a"}, {Name: "b", Port: "5000"}})
	require.NoError(t, err)
	require.Equal(t, []string{"a", "a..443", "b..5000"}, all)
}

func TestCovers(t *testing.T) {
	for _, c := range []struct {
		entry, host string
		is          bool
	}{
		{"a.example.com", "a.example.com", true}, {"a.example.com", "a.example.com:5000", true}, {"a.example.com:5000", "a.example.com:5000", true},
		{"a.example.com:5000", "a.example.com", false}, {"a.example.com/team", "a.example.com", true}, {"*.example.com", "a.b.example.com:5000", true},
		{"*.example.com", "example.com", false}, {"example.com", "a.example.com", false}, {"a.example.com:443", "a.example.com", true},
	} {
		h, err := trust.ParseHost(c.host)
		require.NoError(t, err)
		require.Equal(t, c.is, covers(c.entry, h), "%s %s", c.entry, c.host)
	}
}

func TestSchedules(t *testing.T) {
	for _, good := range []string{"0 0 * * *", "*/5 * * * *", "0 0-6/2 1,15 * 1-5", "0 0 1 jan Sun", "@daily", "0 0 ? * *", "59 23 31 12 6"} {
		require.NoError(t, checkSchedule(good), good)
	}
	for _, bad := range []string{"daily", "@often", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7", "* * * *", "* * * * * *", "5-2 * * * *", "*/0 * * * *", "1, * * * *", "a * * * *", "* jan * * *", "- * * * *"} {
		require.Error(t, checkSchedule(bad), bad)
	}
}

func FuzzSchedule(f *testing.F) {
	f.Add("0 0 * * *")
	f.Add("*/5 1-2,3 ? jan sun")
	f.Fuzz(func(t *testing.T, text string) {
		if checkSchedule(text) == nil && !strings.HasPrefix(text, "@") {
			require.Len(t, strings.Fields(text), 5)
		}
	})
}

// The key of uploads is what nobody needs to see in a diff.
func TestDiffHidesTheHTTPSecret(t *testing.T) {
	p := over(t, `{"managementState":"Managed","httpSecret":"sesame"}`)
	e, ok := p.edit(nil).(plan.Viewer)
	require.True(t, ok)
	doc, err := json.Marshal(p.live.Object)
	require.NoError(t, err)
	v := e.View(plan.Result{Live: doc, Want: doc})
	for _, shown := range [][]byte{v.DiffLive, v.DiffWant} {
		require.NotContains(t, string(shown), "sesame")
		require.Contains(t, string(shown), "hidden")
	}
}

func TestNothingOfTheOperatorsIsChanged(t *testing.T) {
	s := platform.Spec{Name: Name, Storage: &platform.Storage{PVC: &platform.PVC{Size: "1Gi"}}, Exposure: &platform.Exposure{Host: "a.example.com", Certificate: []byte("c"), Key: []byte("k")}}
	p := offline(t)
	full, err := p.Complete(t.Context(), s)
	require.NoError(t, err)
	changes, err := p.Plan(t.Context(), full)
	require.NoError(t, err)
	var names []string
	for _, c := range changes {
		names = append(names, c.String())
	}
	slices.Sort(names)
	require.Equal(t, []string{"config.imageregistry.operator.openshift.io/cluster", "persistentvolumeclaim/image-registry-storage", "secret/image-registry-route-tls"}, names)
}
