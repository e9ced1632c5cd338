package workload

import (
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/pkg/hint"
	"k8s.io/apimachinery/pkg/runtime"
)

// Check refuses changes that contradict each other or come to nothing.
func (c VarChange) Check() error {
	for _, v := range c.Set {
		if slices.Contains(c.Unset, v.Name) {
			return hint.BadUsage(fmt.Errorf("%s is both set and removed", v.Name), "")
		}
		if err := CheckVarName(v.Name); err != nil {
			return err
		}
	}
	if len(c.Set)+len(c.Unset) == 0 {
		return hint.BadUsage(fmt.Errorf("at least one environment variable must be provided"), "specify them as KEY=VALUE, or KEY- to remove one")
	}
	return nil
}

// ChangeVars sets and removes variables in the containers of a workload, or of a
// BuildConfig's build. Those that exist keep their place, new ones come last.
// Where the registry's certificate comes or goes, the probes follow.
func ChangeVars(o *cluster.Object, c VarChange) (Outcome, error) {
	var out Outcome
	containers, err := holders(o, c.Containers)
	if err != nil {
		return out, err
	}
	for _, container := range containers {
		if err := c.in(container); err != nil {
			return out, err
		}
		if c.mentions(certificateVar) {
			followTLS(&out, container)
		}
	}
	return out, nil
}

// holders are the maps that have a field env.
func holders(o *cluster.Object, pattern string) ([]map[string]any, error) {
	if o.GetKind() == "BuildConfig" {
		return strategies(o, pattern)
	}
	spec, err := PodSpec(o)
	if err != nil {
		return nil, err
	}
	return Select(spec, pattern, true)
}

// strategies are those of a build, which has one: dockerStrategy, sourceStrategy and so on.
func strategies(o *cluster.Object, pattern string) ([]map[string]any, error) {
	spec, _ := o.Object["spec"].(map[string]any)
	all, _ := spec["strategy"].(map[string]any)
	var found []map[string]any
	for _, key := range slices.Sorted(maps.Keys(all)) {
		m, ok := all[key].(map[string]any)
		if match, _ := path.Match(pattern, key); ok && (match || pattern == "") {
			found = append(found, m)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%w %q: not the strategy of the build", ErrNoContainer, pattern)
	}
	return found, nil
}

func (c VarChange) mentions(name string) bool {
	return slices.Contains(c.Unset, name) || slices.ContainsFunc(c.Set, func(v Var) bool { return v.Name == name })
}

func (c VarChange) in(container map[string]any) error {
	vars := list(container, "env")
	for _, v := range c.Set {
		there := byName(vars, v.Name)
		switch {
		case there == nil:
			vars = append(vars, v.entry())
			continue
		case v.stands(there) && len(all(vars, v.Name)) == 1:
			continue
		case c.Keep:
			return hint.Errorf("omit --overwrite=false to change it", "'%s' already has a value (%s), and --overwrite is false", v.Name, valueShown(there))
		}
		vars = onlyFirst(vars, v.Name) // the last of several counts, so those behind go
		clear(there)
		maps.Copy(there, v.entry())
	}
	vars = slices.DeleteFunc(vars, func(there map[string]any) bool { return slices.Contains(c.Unset, name(there)) })
	setList(container, "env", vars)
	return nil
}

func (v Var) entry() map[string]any {
	m := map[string]any{"name": v.Name}
	if v.From != nil {
		m["valueFrom"] = runtime.DeepCopyJSON(v.From)
	} else if v.Value != "" { // the server leaves empty values out
		m["value"] = v.Value
	}
	return m
}

func (v Var) stands(there map[string]any) bool {
	if v.From != nil {
		return reflect.DeepEqual(there["valueFrom"], any(v.From)) && stringField(there, "value") == ""
	}
	return there["valueFrom"] == nil && stringField(there, "value") == v.Value
}

func all(vars []map[string]any, want string) []map[string]any {
	return slices.DeleteFunc(slices.Clone(vars), func(v map[string]any) bool { return name(v) != want })
}

func onlyFirst(vars []map[string]any, want string) []map[string]any {
	seen := false
	return slices.DeleteFunc(vars, func(v map[string]any) bool {
		again := seen && name(v) == want
		seen = seen || name(v) == want
		return again
	})
}
