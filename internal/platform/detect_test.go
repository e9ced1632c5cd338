package platform

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDetect(t *testing.T) {
	for name, c := range map[string]struct {
		kinds []string
		want  string
	}{
		"nothing of OpenShift":             {nil, Kubernetes},
		"OpenShift 3":                      {[]string{"DeploymentConfig"}, OpenShift3},
		"OpenShift 4":                      {[]string{"DeploymentConfig", "ClusterVersion", "Config"}, OpenShift4},
		"OpenShift 4 without DCs":          {[]string{"ClusterVersion", "Config"}, OpenShift4},
		"OpenShift 4 without its operator": {[]string{"DeploymentConfig", "ClusterVersion"}, Kubernetes},
	} {
		got, err := Detect(func(_, kind string) (bool, error) { return slices.Contains(c.kinds, kind), nil })
		require.NoError(t, err)
		require.Equal(t, c.want, got, name)
	}
	_, err := Detect(func(string, string) (bool, error) { return false, errors.New("down") })
	require.EqualError(t, err, "down")
}
