package change

import (
	"encoding/json"
	"github.com/regctl/regctl/internal/cluster"
	"strings"
)

// stamps are the fields that the server sets on its own account.
func stamps() [][]string {
	return [][]string{
		{"status"}, {"metadata", "managedFields"}, {"metadata", "resourceVersion"}, {"metadata", "uid"}, {"metadata", "generation"},
		{"metadata", "creationTimestamp"}, {"metadata", "selfLink"}, {"spec", "template", "metadata", "creationTimestamp"},
		{"metadata", "annotations", "deployment.kubernetes.io/revision"}, {"metadata", "annotations", "deprecated.daemonset.template.generation"},
		// the whole object once more, with variables that hold keys
		{"metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"},
	}
}

// clean is an object as people compare it: without what the server stamps on it, and
// without our own notes. nil stays nil.
func clean(o *cluster.Object) ([]byte, error) {
	if o == nil {
		return nil, nil
	}
	c := o.DeepCopy()
	for _, path := range stamps() {
		remove(c.Object, path...)
	}
	for key := range c.GetAnnotations() {
		if strings.HasPrefix(key, appliedPrefix) || strings.HasPrefix(key, patchedPrefix) || strings.HasPrefix(key, otherwisePrefix) {
			remove(c.Object, "metadata", "annotations", key)
		}
	}
	if len(c.GetAnnotations()) == 0 {
		remove(c.Object, "metadata", "annotations")
	}
	return json.Marshal(c.Object)
}

func remove(m map[string]any, path ...string) {
	for ; len(path) > 1; path = path[1:] {
		next, ok := m[path[0]].(map[string]any)
		if !ok {
			return
		}
		m = next
	}
	delete(m, path[0])
}

// unallocated is a Service that a dry run has created, without the addresses and ports that the server
// allocates: those of a dry run are placeholders, which no server accepts. Fields that asked has stay.
func unallocated(o, asked *cluster.Object) *cluster.Object {
	if o == nil || o.GetKind() != "Service" {
		return o
	}
	spec, _ := asked.Object["spec"].(map[string]any)
	if spec["clusterIP"] == nil {
		remove(o.Object, "spec", "clusterIP")
		remove(o.Object, "spec", "clusterIPs")
	}
	return o
}

// masked replaces the values of a Secret, which are not for a screen.
func masked(doc []byte, others []byte) []byte {
	var o, other map[string]any
	if json.Unmarshal(doc, &o) != nil || o["kind"] != "Secret" {
		return doc
	}
	_ = json.Unmarshal(others, &other)
	for _, field := range []string{"data", "stringData"} {
		values, _ := o[field].(map[string]any)
		compare, _ := other[field].(map[string]any)
		for key, value := range values {
			values[key] = "*** (hidden)"
			if was, there := compare[key]; there && was != value {
				values[key] = "*** (hidden, differs)"
			}
		}
	}
	b, err := json.Marshal(o)
	if err != nil {
		return doc
	}
	return b
}
