package cluster

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIsRegistry(t *testing.T) {
	workload := func(name string, labels map[string]any, c map[string]any) *Object {
		return &Object{Object: map[string]any{
			"metadata": map[string]any{"name": name, "labels": labels},
			"spec":     map[string]any{"template": map[string]any{"spec": map[string]any{"containers": []any{c}}}},
		}}
	}
	type m = map[string]any
	nginx := m{"name": "nginx", "image": "registry.example.com:5000/nginx"}
	for what, tc := range map[string]struct {
		o    *Object
		want bool
	}{
		"a web server":           {workload("web", m{"app": "web"}, nginx), false},
		"regctl's mark":          {workload("web", m{"regctl.io/registry": "web"}, nginx), true},
		"oadm's label":           {workload("web", m{"docker-registry": "default"}, nginx), true},
		"the name":               {workload("my-registry", nil, nginx), true},
		"the container's name":   {workload("web", nil, m{"name": "registry", "image": "x"}), true},
		"the image":              {workload("web", nil, m{"name": "c", "image": "docker.io/library/registry:2"}), true},
		"the image without host": {workload("web", nil, m{"name": "c", "image": "openshift/origin-docker-registry"}), true},
		"a variable":             {workload("web", nil, m{"name": "c", "image": "x", "env": []any{m{"name": "REGISTRY_HTTP_ADDR", "value": ":5000"}}}), true},
		"no workload":            {&Object{Object: m{"metadata": m{"name": "kubernetes"}, "spec": m{}}}, false},
	} {
		require.Equal(t, tc.want, IsRegistry(tc.o), what)
	}
}
