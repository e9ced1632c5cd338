package workload_test

import (
	"testing"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/workload"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// registry is a workload as "registry deploy" makes it, with a sidecar and an init container.
const registry = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: docker-registry}
spec:
  template:
    spec:
      unknownToUs: {kept: [1, 2]}
      initContainers: [{name: prepare, image: x}]
      containers:
      - name: registry
        image: x
        volumeMounts: [{name: registry-storage, mountPath: /registry, mountPropagation: None}]
      - name: sidecar
        image: x
      volumes:
      - name: registry-storage
        emptyDir: {}
      - name: certs
        secret: {secretName: registry-certs, defaultMode: 420}
`

func object(tb testing.TB, doc string) *cluster.Object {
	tb.Helper()
	b, err := yaml.YAMLToJSON([]byte(doc))
	require.NoError(tb, err)
	o := &cluster.Object{}
	require.NoError(tb, o.UnmarshalJSON(b))
	return o
}

// pod is the pod spec of an object as YAML, less what tests do not change.
func pod(tb testing.TB, o *cluster.Object) string {
	tb.Helper()
	spec, err := workload.PodSpec(o)
	require.NoError(tb, err)
	b, err := yaml.Marshal(spec)
	require.NoError(tb, err)
	return string(b)
}

func source(tb testing.TB, s string) workload.Source {
	tb.Helper()
	parsed, err := workload.ParseSource(s)
	require.NoError(tb, err)
	return parsed
}

func claim(tb testing.TB, name string) workload.Source {
	tb.Helper()
	return source(tb, `{"persistentVolumeClaim":{"claimName":"`+name+`"}}`)
}

// volumes is what a list shows: name: source [mounts].
func volumes(tb testing.TB, o *cluster.Object) map[string]string {
	tb.Helper()
	all, err := workload.Volumes(o, "*")
	require.NoError(tb, err)
	found := map[string]string{}
	for _, v := range all {
		found[v.Name] = v.Source
		for _, m := range v.Mounts {
			found[v.Name] += " " + m.Container + ":" + m.Path
		}
	}
	return found
}
