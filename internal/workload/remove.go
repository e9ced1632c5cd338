package workload

import (
	"fmt"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
)

// Removal says which volume is to go, and from where.
type Removal struct {
	Name       string // "" is every volume
	Containers string // pattern; the volume itself goes when no other container uses it
	Storage    string // name of the volume that holds the images of a registry
}

// RemoveVolume takes a volume's mounts from the containers, and the volume where none is left.
func RemoveVolume(o *cluster.Object, r Removal) (Outcome, error) {
	var out Outcome
	spec, err := PodSpec(o)
	if err != nil {
		return out, err
	}
	containers, err := Select(spec, r.Containers, true)
	if err != nil {
		return out, err
	}
	volumes := list(spec, "volumes")
	if r.Name != "" && byName(volumes, r.Name) == nil {
		return out, r.absent(&out, o, volumes)
	}
	for _, v := range slices.Clone(volumes) {
		if r.Name == "" || name(v) == r.Name {
			r.one(&out, spec, containers, v)
		}
	}
	return out, nil
}

func (r Removal) absent(out *Outcome, o *cluster.Object, volumes []map[string]any) error {
	if byName(claimTemplates(o), r.Name) != nil {
		return fmt.Errorf("volume '%s' comes from a claim template of the stateful set, which cannot be changed", r.Name)
	}
	there := "none"
	if len(volumes) > 0 {
		there = strings.Join(names(volumes), ", ")
	}
	out.Warnings = append(out.Warnings, fmt.Sprintf("volume '%s' not found; volumes: %s", r.Name, there))
	return nil
}

func (r Removal) one(out *Outcome, spec map[string]any, containers []map[string]any, v map[string]any) {
	if name(v) == r.Storage && len(mountsOf(list(spec, "containers"), r.Storage)) > 0 && sourceOf(v).Persistent() {
		out.Loss = fmt.Sprintf("volume %q is the registry's storage (%s): without it, images are lost with the pod", r.Storage, sourceOf(v))
	}
	for _, c := range containers {
		unmount(c, name(v))
	}
	if users := users(spec, name(v)); len(users) > 0 {
		out.note("volume %q is kept, since container %s uses it", name(v), strings.Join(users, ", "))
		return
	}
	setList(spec, "volumes", slices.DeleteFunc(list(spec, "volumes"), func(other map[string]any) bool { return name(other) == name(v) }))
}

// users are the names of the containers that use a volume.
func users(spec map[string]any, volume string) []string {
	var found []string
	for _, c := range everyContainer(spec) {
		if len(mountsOf([]map[string]any{c}, volume)) > 0 {
			found = append(found, name(c))
		}
	}
	return found
}

// claimTemplates are those of a stateful set: each pod has a volume of that name.
func claimTemplates(o *cluster.Object) []map[string]any {
	spec, _ := o.Object["spec"].(map[string]any)
	all := list(spec, "volumeClaimTemplates")
	found := make([]map[string]any, len(all))
	for i, t := range all {
		m, _ := t["metadata"].(map[string]any)
		found[i] = map[string]any{"name": name(m), "template": t}
	}
	return found
}
