package change

import (
	"encoding/json"
	"testing"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// read is an object written as YAML.
func read(t *testing.T, text string) *cluster.Object {
	t.Helper()
	b, err := yaml.YAMLToJSON([]byte(text))
	require.NoError(t, err)
	o := &cluster.Object{}
	require.NoError(t, o.UnmarshalJSON(b))
	return o
}

const deploymentLive = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: r, creationTimestamp: null, annotations: {theirs: "1"}}
spec:
  replicas: 3
  template:
    metadata: {creationTimestamp: null}
    spec:
      nodeSelector: {region: infra}
      containers:
      - {name: side, image: side:v1}
      - name: registry
        image: r:v1
        env: [{name: THEIRS, value: x}, {name: OURS, value: "1"}, {name: GONE, value: "1"}]
        ports: [{containerPort: 5000, protocol: TCP}, {containerPort: 5000, protocol: UDP}]
        terminationMessagePath: /dev/termination-log
      volumes: [{name: data, emptyDir: {}}, {name: theirs, emptyDir: {}}]
status: {replicas: 3}
`

const deploymentLast = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: r}
spec:
  template:
    spec:
      nodeSelector: {region: infra}
      containers: [{name: registry, image: r:v1, env: [{name: OURS, value: "1"}, {name: GONE, value: "1"}], ports: [{containerPort: 5000}]}]
      volumes: [{name: data, emptyDir: {}}]
`

// What was set before and is wanted no more goes, what others have set stays.
func TestLaidOver(t *testing.T) {
	last, err := fieldsOf(read(t, deploymentLast))
	require.NoError(t, err)
	out, err := laidOver(read(t, deploymentLive), read(t, `
apiVersion: apps/v1
kind: Deployment
metadata: {name: r}
spec:
  template:
    spec:
      containers: [{name: registry, image: r:v2, env: [{name: OURS, value: "2"}, {name: NEW, value: "1"}], ports: [{containerPort: 5000}]}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: c}}]
`), last)
	require.NoError(t, err)
	require.Equal(t, read(t, `
apiVersion: apps/v1
kind: Deployment
metadata: {name: r, creationTimestamp: null, annotations: {theirs: "1"}}
spec:
  replicas: 3
  template:
    metadata: {creationTimestamp: null}
    spec:
      containers:
      - {name: side, image: side:v1}
      - name: registry
        image: r:v2
        env: [{name: THEIRS, value: x}, {name: OURS, value: "2"}, {name: NEW, value: "1"}]
        ports: [{containerPort: 5000, protocol: TCP}, {containerPort: 5000, protocol: UDP}]
        terminationMessagePath: /dev/termination-log
      volumes: [{name: data, persistentVolumeClaim: {claimName: c}}, {name: theirs, emptyDir: {}}]
status: {replicas: 3}
`).Object, out.Object)
}

// What is wanted already is there to the byte, so that nothing is sent.
func TestLaidOverChangesNothing(t *testing.T) {
	for name, text := range map[string]string{
		"a deployment": deploymentLast,
		"a service":    "{apiVersion: v1, kind: Service, metadata: {name: r}, spec: {ports: [{port: 53}, {port: 53, protocol: UDP}]}}",
		"a list of which somebody has made an object": "{apiVersion: example.com/v1, kind: Odd, metadata: {name: r}, spec: {containers: [a, b], volumes: {a: 1}, env: [{x: 1}]}}",
	} {
		t.Run(name, func(t *testing.T) {
			o := read(t, text)
			last, err := fieldsOf(o)
			require.NoError(t, err)
			again, err := laidOver(o, o, last)
			require.NoError(t, err)
			require.Equal(t, o.Object, again.Object)
		})
	}
	l := read(t, deploymentLive)
	last, err := fieldsOf(read(t, deploymentLast))
	require.NoError(t, err)
	again, err := laidOver(l, read(t, deploymentLast), last)
	require.NoError(t, err)
	require.Equal(t, l.Object, again.Object)
}

// The ports of a Service are told apart by number and protocol.
func TestLaidOverService(t *testing.T) {
	theirs := read(t, "{apiVersion: v1, kind: Service, metadata: {name: r}, spec: {clusterIP: 10.0.0.1, ports: [{name: dns, port: 53, protocol: UDP}, {name: old, port: 5000, protocol: TCP, nodePort: 30000}]}}")
	want := read(t, "{apiVersion: v1, kind: Service, metadata: {name: r}, spec: {ports: [{name: new, port: 5000}]}}")
	out, err := laidOver(theirs, want, &fields{})
	require.NoError(t, err)
	require.Equal(t, read(t, "{apiVersion: v1, kind: Service, metadata: {name: r}, spec: {clusterIP: 10.0.0.1, ports: [{name: dns, port: 53, protocol: UDP}, {name: new, port: 5000, protocol: TCP, nodePort: 30000}]}}").Object, out.Object)
}

// A variable may be there twice, which servers of old let pass: it stays so where regctl wants none of it.
func TestLaidOverTwice(t *testing.T) {
	const theirs = "{name: A, value: one}, {name: A, value: two}, {name: B, value: three}"
	pod := func(env string) *cluster.Object {
		return read(t, "{apiVersion: v1, kind: Pod, metadata: {name: r}, spec: {containers: [{name: a, env: ["+env+"]}]}}")
	}
	out, err := laidOver(pod(theirs), pod("{name: B, value: four}"), &fields{})
	require.NoError(t, err)
	require.Equal(t, pod("{name: A, value: one}, {name: A, value: two}, {name: B, value: four}").Object, out.Object)
	out, err = laidOver(pod(theirs), pod("{name: A, value: five}"), &fields{})
	require.NoError(t, err)
	require.Equal(t, pod("{name: A, value: five}, {name: B, value: three}").Object, out.Object)
}

// What the server has not taken as it was wanted is not sent again.
func TestOtherwise(t *testing.T) {
	want := read(t, "{apiVersion: example.com/v1, kind: Odd, metadata: {name: r}, spec: {cpu: 1000m, unknown: {a: 1}, known: 1, list: [{a: 1}], template: {containers: [{name: a, x: 1}]}}}")
	out := read(t, "{apiVersion: example.com/v1, kind: Odd, metadata: {name: r, uid: u}, spec: {cpu: '1', known: 1, list: [{a: 1, b: 2}], template: {containers: [{name: a, y: 2}]}}}")
	wanted, err := fieldsOf(want)
	require.NoError(t, err)
	set, err := otherwise(want, out, wanted)
	require.NoError(t, err)
	text, err := set.ToJSON()
	require.NoError(t, err)
	require.JSONEq(t, `{"f:spec": {"f:cpu": {}, "f:unknown": {".": {}, "f:a": {}}, "f:list": {}, "f:template": {"f:containers": {"k:{\"name\":\"a\"}": {"f:x": {}}}}}}`, string(text))
	less, err := without(want, set)
	require.NoError(t, err)
	again, err := laidOver(out, less, &fields{})
	require.NoError(t, err)
	require.Equal(t, out.Object, again.Object)
	same, err := without(want, &fields{})
	require.NoError(t, err)
	require.Equal(t, want.Object, same.Object)
}

func FuzzFields(f *testing.F) {
	f.Add(`{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"registry\"}":{".":{},"f:image":{}}}}}}}`)
	f.Add(`{"f:metadata":{"f:labels":{"f:a":{}}}}`)
	f.Fuzz(func(t *testing.T, note string) {
		last, err := parseFields([]byte(note))
		if err != nil {
			return
		}
		text, err := last.ToJSON()
		require.NoError(t, err)
		require.True(t, json.Valid(text))
		out, err := laidOver(read(t, deploymentLive), read(t, deploymentLast), last)
		require.NoError(t, err)
		require.True(t, within(read(t, deploymentLast).Object, out.Object), "whatever was noted, what is wanted is there")
	})
}
