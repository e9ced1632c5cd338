package workload_test

import (
	"testing"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/workload"
	"github.com/stretchr/testify/require"
)

const probed = `{kind: Deployment, apiVersion: apps/v1, metadata: {name: x}, spec: {template: {spec: {containers: [{name: registry,
	env: [{name: REGISTRY_HTTP_ADDR, value: ":5443"}], ports: [{containerPort: 9, name: debug}, {containerPort: 5443, name: http}],
	livenessProbe: {httpGet: {port: 5443}}, readinessProbe: {httpGet: {port: http, scheme: HTTP}}, startupProbe: {httpGet: {port: debug}}},
	{name: other, livenessProbe: {tcpSocket: {port: 5443}}}]}}}}`

func schemes(t *testing.T, o *cluster.Object) string {
	t.Helper()
	spec, err := workload.PodSpec(o)
	require.NoError(t, err)
	c := spec["containers"].([]any)[0].(map[string]any)
	all := ""
	for _, kind := range []string{"livenessProbe", "readinessProbe", "startupProbe"} {
		s, _ := c[kind].(map[string]any)["httpGet"].(map[string]any)["scheme"].(string)
		all += s + " "
	}
	return all
}

// TestProbesFollowTLS: the probes of the registry's port change with its certificate, those of another port never.
func TestProbesFollowTLS(t *testing.T) {
	o := object(t, probed)
	change := func(arg string) []string {
		var c workload.VarChange
		require.NoError(t, c.ParseVar(arg))
		out, err := workload.ChangeVars(o, c)
		require.NoError(t, err)
		return out.Notes
	}
	require.Empty(t, change("REGISTRY_LOG_LEVEL=debug"))
	require.Equal(t, " HTTP  ", schemes(t, o))
	require.Equal(t, []string{
		"container registry: changed the livenessProbe to HTTPS, which the registry serves",
		"container registry: changed the readinessProbe to HTTPS, which the registry serves",
	}, change("REGISTRY_HTTP_TLS_CERTIFICATE=/tls.crt"))
	require.Equal(t, "HTTPS HTTPS  ", schemes(t, o))
	require.Empty(t, change("REGISTRY_HTTP_TLS_CERTIFICATE=/tls.crt"))
	require.Len(t, change("REGISTRY_HTTP_TLS_CERTIFICATE="), 2, "an empty one is none")
	require.Equal(t, "HTTP HTTP  ", schemes(t, o))
	require.Empty(t, change("REGISTRY_HTTP_TLS_CERTIFICATE-"))
}

func TestHideVars(t *testing.T) {
	doc := func(password string) []byte {
		return []byte(`{"spec":{"containers":[{"env":[{"name":"DB_PASSWORD","value":"` + password + `"},{"name":"REGISTRY_HTTP_TLS_KEY","value":"/k"},{"name":"A","value":"plain"},{"name":"TOKEN","valueFrom":{"secretKeyRef":{"key":"k","name":"s"}}}],"name":"c"}]}}`)
	}
	before, after := workload.HideVars(doc("old"), doc("new"))
	require.JSONEq(t, string(doc("*** (hidden)")), string(before))
	require.JSONEq(t, string(doc("*** (hidden, differs)")), string(after))
	before, after = workload.HideVars(doc("same"), doc("same"))
	require.Equal(t, before, after)
	before, after = workload.HideVars(nil, []byte("not JSON"))
	require.Empty(t, before)
	require.Equal(t, "not JSON", string(after))
}

func TestData(t *testing.T) {
	require.Equal(t, map[string]string{"k": "v"}, workload.Data(object(t, "{kind: Secret, apiVersion: v1, metadata: {name: s}, data: {k: dg==}}")))
	require.Equal(t, map[string]string{"k": "dg=="}, workload.Data(object(t, "{kind: ConfigMap, apiVersion: v1, metadata: {name: s}, data: {k: dg==}}")))
}
