// Package platformtest is what holds for every platform, whatever it runs
// registries on. The tests of a platform call Run.
package platformtest

import (
	"context"
	"errors"
	"fmt"
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
	t.Run("storage must be specified once", func(t *testing.T) {
		_, err := empty(t).Complete(t.Context(), platform.Spec{Name: platform.DefaultName})
		require.ErrorIs(t, err, platform.ErrNoStorage)
	})
	for _, feature := range Features() {
		t.Run(feature.Name, func(t *testing.T) { sameOrRefused(t, empty, feature) })
	}
	t.Run("mistakes", func(t *testing.T) { mistakes(t, empty) })
}

// sameOrRefused wants either the same plan from two platforms that know nothing of each
// other (nothing in it is random or from the clock), or a refusal that names the way out.
func sameOrRefused(t *testing.T, empty func(t *testing.T) platform.Platform, feature Feature) {
	t.Helper()
	one := func() platform.Platform { return empty(t) }
	s, err := feature.Of(t.Context(), one)
	require.NoError(t, err)
	first, err := planned(t.Context(), one(), s)
	if errors.Is(err, platform.ErrUnsupported) {
		require.NotEmpty(t, hint.Of(err), "what to use instead")
		return
	}
	require.NoError(t, err)
	require.NotEmpty(t, first)
	second, err := planned(t.Context(), one(), s)
	require.NoError(t, err)
	require.Equal(t, first, second)
	full, err := one().Complete(t.Context(), s)
	require.NoError(t, err)
	again, err := one().Complete(t.Context(), full)
	require.NoError(t, err)
	require.Equal(t, full, again, "complete settings have no missing flags")
}

// planned completes and plans, and returns what each change wants, by its name. That an object stands in a plan twice is an error.
func planned(ctx context.Context, p platform.Platform, s platform.Spec) (map[string]string, error) {
	full, err := p.Complete(ctx, s)
	if err != nil {
		return nil, err
	}
	changes, err := p.Plan(ctx, full)
	if err != nil {
		return nil, err
	}
	results, err := plan.Compare(ctx, changes, false)
	if err != nil {
		return nil, err
	}
	docs := map[string]string{}
	for _, r := range results {
		if _, twice := docs[r.Change.String()]; twice {
			return nil, fmt.Errorf("%s occurs twice in the plan", r.Change)
		}
		docs[r.Change.String()] = string(r.Want)
	}
	return docs, nil
}

// mistakes are Specs that lose or corrupt images, or mean two things.
func mistakes(t *testing.T, empty func(t *testing.T) platform.Platform) {
	t.Helper()
	two, group := int32(2), int64(1)
	for name, s := range map[string]platform.Spec{
		"two kinds of storage":               {Storage: &platform.Storage{EmptyDir: &platform.EmptyDir{}, HostPath: &platform.HostPath{Path: "/x"}}},
		"several pods on a node's directory": {Workload: &platform.Workload{Replicas: &two}, Storage: storages()["hostpath"]},
		"several pods on RWO":                {Workload: &platform.Workload{Replicas: &two}, Storage: storages()["pvc"]},
		"both kinds of groups":               {Workload: &platform.Workload{FSGroup: &group, SupplementalGroups: []int64{2}}, Storage: storages()["nfs"]},
		"an unknown exposure":                {Exposure: &platform.Exposure{Kind: "door"}, Storage: storages()["nfs"]},
		"an invalid name":                    {Name: "Not A Name", Storage: storages()["nfs"]},
	} {
		t.Run(name, func(t *testing.T) {
			if s.Name == "" {
				s.Name = platform.DefaultName
			}
			_, err := planned(t.Context(), empty(t), s)
			require.Error(t, err)
			require.NotErrorIs(t, err, platform.ErrNoStorage)
		})
	}
}
