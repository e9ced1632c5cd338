package platform_test

import (
	"testing"

	"github.com/regctl/regctl/internal/platform"
	"github.com/stretchr/testify/require"
)

func TestImageTemplate(t *testing.T) {
	const own = "openshift/origin-${component}:${version}"
	for _, c := range []struct {
		images, component string
		latest            bool
		want, wrong       string
	}{
		{"", "docker-registry", false, "openshift/origin-docker-registry:v3.11.0", ""},
		{"", "haproxy", true, "openshift/origin-haproxy:latest", ""},
		{"openshift3/ose-${component}:${version}", "docker-registry", false, "openshift3/ose-docker-registry:v3.11.0", ""},
		{"registry.example.com:5000/x:v1", "docker-registry", false, "registry.example.com:5000/x:v1", ""},
		{"x-${part}:${version}", "docker-registry", false, "", "unknown variable ${part}"},
		{"x-${component:${version", "docker-registry", false, "", "unclosed brace"},
		{"x-${}", "docker-registry", false, "", "unknown variable ${}"},
		{"openshift3/ose-:", "docker-registry", false, "", "the shell has expanded"},
		{"openshift3/ose-:v3", "docker-registry", false, "", "the shell has expanded"},
	} {
		tmpl := platform.ImageTemplate{Images: c.images, Component: c.component, Latest: c.latest}
		err := tmpl.Check()
		if c.wrong != "" {
			require.ErrorContains(t, err, c.wrong)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, c.want, tmpl.Expand(own, "v3.11.0"))
	}
}

func TestOpenShiftImage(t *testing.T) {
	for image, want := range map[string]bool{
		"openshift/origin-docker-registry:v1.0.0": true, "registry.access.redhat.com/openshift3/ose-docker-registry": true, "h:5000/m/origin-docker-registry@sha256:abc": true,
		"registry:2": false, "openshift/origin-docker-registry-proxy:v1": false, "regctl/regctl:v1": false, "": false,
	} {
		require.Equal(t, want, platform.OpenShiftImage(image), image)
	}
}

func TestOwnImage(t *testing.T) {
	for image, want := range map[string]bool{
		"regctl/regctl:v1": true, "regctl": true, "registry.example.com:5000/mirror/regctl": true, "registry.example.com:5000/regctl:v1@sha256:abc": true,
		"registry:3": false, "example.com:5000/registry": false, "regctl/other:v1": false, "my-regctl:v1": false, "": false,
	} {
		require.Equal(t, want, platform.OwnImage(image), image)
	}
}
