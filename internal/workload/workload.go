// Package workload changes the pod template of any kind of workload: its volumes,
// mounts and variables. Templates are held as maps, so that no field is lost that
// this program does not know of. Nothing here talks to a cluster.
package workload

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
)

// ErrNoContainer is wrapped by the error where no container's name matches.
var ErrNoContainer = errors.New("no container matches")

// Outcome is what an edit has to tell beside what it changed.
type Outcome struct {
	Notes    []string // what was done that was not asked for by name
	Warnings []string // what may be a mistake
	Loss     string   // what the workload would lose, as a sentence; "" where nothing
}

func (o *Outcome) note(format string, args ...any) {
	o.Notes = append(o.Notes, fmt.Sprintf(format, args...))
}

// PodSpec is the pod spec in an object: of a Pod itself, of a CronJob's jobs, or of
// the template of whatever else has one. Changes in it are changes of the object.
func PodSpec(o *cluster.Object) (map[string]any, error) {
	at := []string{"spec", "template", "spec"}
	switch o.GetKind() {
	case "Pod":
		at = []string{"spec"}
	case "CronJob":
		at = []string{"spec", "jobTemplate", "spec", "template", "spec"}
	}
	spec := o.Object
	for _, key := range at {
		spec, _ = spec[key].(map[string]any)
	}
	if spec == nil || len(list(spec, "containers")) == 0 {
		return nil, errors.New("is not a pod and has no pod template")
	}
	return spec, nil
}

// Skeleton is a workload of which nothing is known but the name of its container: what
// is added to it shows what would be added to the real one.
func Skeleton(gvk cluster.GVK, namespace, name, container string) *cluster.Object {
	pod := map[string]any{"containers": []any{map[string]any{"name": container}}}
	o := &cluster.Object{Object: map[string]any{"spec": map[string]any{"template": map[string]any{"spec": pod}}}}
	switch gvk.Kind {
	case "Pod":
		o.Object["spec"] = pod
	case "CronJob":
		o.Object["spec"] = map[string]any{"jobTemplate": map[string]any{"spec": o.Object["spec"]}}
	}
	o.SetGroupVersionKind(gvk)
	o.SetNamespace(namespace)
	o.SetName(name)
	return o
}

// Select lists the containers whose names match a pattern with "*"; "" is "*". Init
// containers come first, as they run; they are among them only if init is set or
// the pattern is not "*".
func Select(spec map[string]any, pattern string, init bool) ([]map[string]any, error) {
	if pattern == "" {
		pattern = "*"
	}
	var found []map[string]any
	all := list(spec, "containers")
	if init || pattern != "*" {
		all = everyContainer(spec)
	}
	for _, c := range all {
		if ok, err := path.Match(pattern, name(c)); err != nil {
			return nil, fmt.Errorf("-c %q: %w", pattern, err)
		} else if ok {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%w %q; containers: %s", ErrNoContainer, pattern, strings.Join(names(everyContainer(spec)), ", "))
	}
	return found, nil
}

// Containers counts those of a workload's pods, init containers too.
func Containers(o *cluster.Object) int {
	spec, err := PodSpec(o)
	if err != nil {
		return 0
	}
	return len(everyContainer(spec))
}

// everyContainer lists init containers and containers.
func everyContainer(spec map[string]any) []map[string]any {
	return append(list(spec, "initContainers"), list(spec, "containers")...)
}

// list is a field that is a list of maps; what is no map is left out, and kept in the object.
func list(m map[string]any, field string) []map[string]any {
	items, _ := m[field].([]any)
	found := make([]map[string]any, 0, len(items))
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			found = append(found, m)
		}
	}
	return found
}

// setList writes a list back; an empty one removes the field.
func setList(m map[string]any, field string, items []map[string]any) {
	if len(items) == 0 {
		delete(m, field)
		return
	}
	all := make([]any, len(items))
	for i, item := range items {
		all[i] = item
	}
	m[field] = all
}

// byName finds the first item of that name, or nil.
func byName(items []map[string]any, want string) map[string]any {
	for _, item := range items {
		if name(item) == want {
			return item
		}
	}
	return nil
}

func name(m map[string]any) string { return stringField(m, "name") }

func stringField(m map[string]any, field string) string {
	s, _ := m[field].(string)
	return s
}

func names(items []map[string]any) []string {
	all := make([]string, len(items))
	for i, item := range items {
		all[i] = name(item)
	}
	return all
}
