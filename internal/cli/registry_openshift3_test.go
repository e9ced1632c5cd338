package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// TestObjectsOfOpenShift3 compares what recipes of three ages make with tables of what
// "oadm registry" made, field by field. A line of a table is OBJECT FIELD VALUE; each field
// that is made has one. -: the field of oadm that regctl leaves out, with the reason behind it; +:
// what regctl adds.
func TestObjectsOfOpenShift3(t *testing.T) {
	for name, command := range map[string][]string{
		"1.0": {
			"--config=admin.kubeconfig", "--credentials=openshift-registry.kubeconfig", "--service-account=registry", "--create",
			"--images=registry.access.redhat.com/openshift3/ose-${component}:${version}", "--mount-host=/registry", "--selector=region=infra",
		},
		"1.5": {
			"--config=admin.kubeconfig", "--service-account=registry", "--latest-images", "--ports=5001,5002:5003", "--replicas=1", "--labels=docker-registry=default,tier=infra",
			"--volume=/data", "--cluster-ip=172.30.1.1", "--supplemental-groups=1000,2000", "--enforce-quota",
		},
		"3.11": {"--tls-certificate=CERT", "--tls-key=KEY", "--fs-group=1234", "--type=haproxy-registry", "--daemonset", "--storage=nfs", "--nfs-server=files", "--nfs-path=/images"},
	} {
		t.Run(name, func(t *testing.T) {
			table, err := os.ReadFile(filepath.Join("testdata", "openshift3-"+name+".txt"))
			require.NoError(t, err)
			require.Equal(t, rows(string(table)), fields(t, deployed(t, command)))
		})
	}
}

// rows are the lines of a table that say what is made.
func rows(table string) []string {
	var all []string
	for line := range strings.Lines(table) {
		line = strings.TrimSpace(strings.TrimPrefix(line, "+"))
		if line != "" && line[0] != '#' && line[0] != '-' {
			all = append(all, strings.Join(strings.Fields(line), " "))
		}
	}
	slices.Sort(all)
	return all
}

// deployed is what the old spelling prints.
func deployed(t *testing.T, flags []string) []map[string]any {
	t.Helper()
	dir := t.TempDir()
	var out, talk bytes.Buffer
	env := cmdutil.System()
	env.In, env.Out, env.Err = strings.NewReader(""), &out, &talk
	env.Lookup = func(name string) (string, bool) { return map[string]string{"HOME": dir}[name], name == "HOME" }
	env.Environ = nil
	cert, key := filepath.Join(dir, "x.crt"), filepath.Join(dir, "x.key")
	require.Zero(t, Main(t.Context(), []string{"regctl", "ca", "create-signer-cert", "--cert", cert, "--key", key, "--serial="}, env), "%s", &talk)
	out.Reset()
	args := []string{"regctl", "registry", "--dry-run=client", "-o", "yaml", "--platform=openshift3"}
	for _, f := range flags {
		args = append(args, strings.NewReplacer("=CERT", "="+cert, "=KEY", "="+key).Replace(f))
	}
	env.Out = &out
	require.Zero(t, Main(t.Context(), args, env), "%s", &talk)
	var docs []map[string]any
	for doc := range strings.SplitSeq(out.String(), "\n---\n") {
		var o map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(doc), &o))
		docs = append(docs, o)
	}
	return docs
}

// fields are all fields of objects as lines of a table. What is random or has a test of its own has no value.
func fields(t *testing.T, docs []map[string]any) []string {
	t.Helper()
	var all []string
	for _, o := range docs {
		meta := o["metadata"].(map[string]any)
		name := fmt.Sprintf("%s/%s", o["kind"], meta["name"])
		notes, _ := meta["annotations"].(map[string]any)
		for note := range notes {
			notes[note] = "…"
		}
		if data, ok := o["data"].(map[string]any); ok {
			for key := range data {
				data[key] = "…"
			}
		}
		labels, _ := meta["labels"].(map[string]any)
		delete(labels, "app.kubernetes.io/managed-by") // of all objects of regctl's, as the next
		delete(labels, "regctl.io/registry")
		delete(meta, "name")
		delete(o, "kind")
		flatten(name, "", o, &all)
	}
	slices.Sort(all)
	return all
}

func flatten(object, path string, v any, to *[]string) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			flatten(object, strings.TrimPrefix(path+"."+key, "."), v[key], to)
		}
		if len(v) == 0 {
			*to = append(*to, fmt.Sprintf("%s %s {}", object, path))
		}
	case []any:
		for i, item := range v {
			m, _ := item.(map[string]any)
			id := cmp.Or[any](m["name"], m["mountPath"], i)
			flatten(object, fmt.Sprintf("%s[%v]", path, id), item, to)
		}
	default:
		*to = append(*to, fmt.Sprintf("%s %s %v", object, path, v))
	}
}
