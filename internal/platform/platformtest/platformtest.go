// Package platformtest is what holds for every platform, whatever it runs
// registries on. The tests of a platform call Run.
package platformtest

import (
	"errors"
	"testing"

	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/stretchr/testify/require"
)

// Run checks a platform. empty returns a new one about a place where nothing is
// yet, and which needs no network: the plans are only looked at.
func Run(t *testing.T, empty func(t *testing.T) platform.Platform) {
	t.Helper()
	t.Run("storage must be named once", func(t *testing.T) {
		_, err := empty(t).Complete(t.Context(), platform.Spec{Name: "r"})
		require.ErrorIs(t, err, platform.ErrNoStorage)
	})
	for kind, s := range storages() {
		t.Run("storage "+kind, func(t *testing.T) { planned(t, empty, platform.Spec{Name: "r", Storage: s}) })
	}
	t.Run("parts", func(t *testing.T) {
		two := int32(2)
		for name, s := range map[string]platform.Spec{
			"daemon set": {Name: "r", Workload: &platform.Workload{DaemonSet: new(true)}},
			"replicas":   {Name: "r", Workload: &platform.Workload{Replicas: &two}},
			"plain HTTP": {Name: "r", TLS: &platform.TLS{Off: true}},
			"no users":   {Name: "r", Auth: &platform.Auth{Kind: platform.AuthNone}},
			"exposure":   {Name: "r", TLS: &platform.TLS{}, Exposure: &platform.Exposure{Host: "r.example.com", Kind: platform.Passthrough, Controller: "nginx"}},
			"node port":  {Name: "r", Exposure: &platform.Exposure{Kind: platform.NodePort}},
		} {
			t.Run(name, func(t *testing.T) {
				s.Storage = &platform.Storage{NFS: &platform.NFS{Server: "files.example.com", Path: "/images"}}
				planned(t, empty, s)
			})
		}
	})
	t.Run("mistakes", func(t *testing.T) { mistakes(t, empty) })
}

func storages() map[string]*platform.Storage {
	return map[string]*platform.Storage{
		"emptydir": {EmptyDir: &platform.EmptyDir{}},
		"hostpath": {HostPath: &platform.HostPath{Path: "/srv/registry"}},
		"pvc":      {PVC: &platform.PVC{Claim: "images", Size: "10Gi"}},
		"nfs":      {NFS: &platform.NFS{Server: "files.example.com", Path: "/images"}},
		"s3":       {S3: &platform.S3{Bucket: "images", Region: "eu-west-1"}},
	}
}

// planned wants either the same plan from two platforms that know nothing of each
// other (nothing in it is random or from the clock), or a refusal that names the way out.
func planned(t *testing.T, empty func(t *testing.T) platform.Platform, s platform.Spec) {
	t.Helper()
	first, err := documents(t, empty(t), s)
	if errors.Is(err, platform.ErrUnsupported) {
		require.NotEmpty(t, hint.Of(err), "what to use instead")
		return
	}
	require.NoError(t, err)
	require.NotEmpty(t, first)
	second, err := documents(t, empty(t), s)
	require.NoError(t, err)
	require.Equal(t, first, second)
}

// documents completes and plans, and returns what each change wants, by its name. No object stands in a plan twice.
func documents(t *testing.T, p platform.Platform, s platform.Spec) (map[string]string, error) {
	t.Helper()
	full, err := p.Complete(t.Context(), s)
	if err != nil {
		return nil, err
	}
	again, err := p.Complete(t.Context(), full)
	require.NoError(t, err)
	require.Equal(t, full, again, "what is complete has nothing to be added")
	changes, err := p.Plan(t.Context(), full)
	if err != nil {
		return nil, err
	}
	results, err := plan.Compare(t.Context(), changes, false)
	require.NoError(t, err)
	docs := map[string]string{}
	for _, r := range results {
		require.NotContains(t, docs, r.Change.String())
		docs[r.Change.String()] = string(r.Want)
	}
	return docs, nil
}

// mistakes are Specs that lose or corrupt images, or mean two things.
func mistakes(t *testing.T, empty func(t *testing.T) platform.Platform) {
	t.Helper()
	two, group := int32(2), int64(1)
	for name, s := range map[string]platform.Spec{
		"two kinds of storage":     {Storage: &platform.Storage{EmptyDir: &platform.EmptyDir{}, HostPath: &platform.HostPath{Path: "/x"}}},
		"several pods on a folder": {Workload: &platform.Workload{Replicas: &two}, Storage: storages()["hostpath"]},
		"several pods on RWO":      {Workload: &platform.Workload{Replicas: &two}, Storage: storages()["pvc"]},
		"both kinds of groups":     {Workload: &platform.Workload{FSGroup: &group, SupplementalGroups: []int64{2}}, Storage: storages()["nfs"]},
		"a way in that is none":    {Exposure: &platform.Exposure{Kind: "door"}, Storage: storages()["nfs"]},
		"a name that cannot be":    {Name: "Not A Name", Storage: storages()["nfs"]},
	} {
		t.Run(name, func(t *testing.T) {
			if s.Name == "" {
				s.Name = "r"
			}
			_, err := documents(t, empty(t), s)
			require.Error(t, err)
			require.NotErrorIs(t, err, platform.ErrNoStorage)
		})
	}
}
