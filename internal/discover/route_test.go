package discover

import (
	"testing"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

func TestHostOfARoute(t *testing.T) {
	for text, want := range map[string]string{
		`spec: {host: a.example.com, tls: {termination: edge}}`: "a.example.com",
		`spec: {host: a.example.com}`:                           "a.example.com:80",
		`spec: {}`:                                              "",
		`{spec: {tls: {}}, status: {ingress: [{host: b.example.com, conditions: [{type: Admitted, status: "True"}]}]}}`:                                                                              "b.example.com",
		`{spec: {host: a.example.com, tls: {}}, status: {ingress: [{host: a.example.com, conditions: [{type: Admitted, status: "False"}]}]}}`:                                                        "",
		`{spec: {host: a.example.com, tls: {}}, status: {ingress: [{host: c.example.com, conditions: [{type: Admitted, status: "False"}]}, {host: a.example.com, conditions: [{type: Admitted}]}]}}`: "a.example.com",
	} {
		o := &cluster.Object{Object: map[string]any{"apiVersion": "route.openshift.io/v1", "kind": "Route", "metadata": map[string]any{"name": "x"}}}
		require.NoError(t, yaml.Unmarshal([]byte(text), &o.Object))
		r, err := cluster.Decode[route](o)
		require.NoError(t, err)
		require.Equal(t, want, r.host(), text)
	}
}
