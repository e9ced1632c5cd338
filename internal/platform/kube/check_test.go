package kube

import (
	"testing"

	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/stretchr/testify/require"
)

func TestWhatIsOfOpenSVCIsRefused(t *testing.T) {
	err := check(platform.Spec{Name: "docker-registry", Service: &platform.Service{Nodes: "n1"}})
	require.ErrorIs(t, err, platform.ErrUnsupported)
	require.Equal(t, hint.Usage, hint.CodeOf(err))
	require.Contains(t, hint.Of(err), "--platform opensvc")
}
