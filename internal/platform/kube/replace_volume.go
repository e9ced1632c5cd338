package kube

import (
	"slices"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/platform"
)

// replaceVolume replaces the storage's volume where others have set its source: a volume with
// two sources is refused, and what others own is not removed by an apply. nil where
// nothing is in the way.
func (b *builder) replaceVolume() *change.Edit {
	live, want := b.found.volume(), b.source()
	if live == nil || platform.StorageOfVolume(live).Kind() == b.s.Storage.Kind() || !b.found.othersOwn(live) {
		return nil
	}
	name := live["name"]
	return &change.Edit{Client: b.Client, Ref: cluster.RefOf(b.found.workload), Do: func(o *cluster.Object) error {
		pod, _ := nested[object](o, "spec", "template", "spec")
		pod["volumes"] = replaceItem(pod["volumes"], name, want)
		if want != nil {
			return nil
		}
		containers, _ := pod["containers"].(list)
		for _, c := range containers {
			if c, ok := c.(object); ok {
				c["volumeMounts"] = replaceItem(c["volumeMounts"], name, nil)
			}
		}
		return nil
	}}
}

// replaceItem is a list with another item in the place of those of a name; nil removes them.
func replaceItem(items any, name any, want object) list {
	all, _ := items.(list)
	out := slices.Clone(all)
	if want == nil {
		return slices.DeleteFunc(out, func(item any) bool { return hasName(item, name) })
	}
	for i, item := range out {
		if hasName(item, name) {
			out[i] = want
		}
	}
	return out
}

func hasName(item, name any) bool {
	o, ok := item.(object)
	return ok && o["name"] == name
}

// othersOwn tells whether the server has noted somebody else as an owner of a volume's fields.
func (f *found) othersOwn(volume object) bool {
	key := `k:{"name":"` + volume["name"].(string) + `"}`
	entries, _ := nested[list](f.workload, "metadata", "managedFields")
	for _, e := range entries {
		entry, _ := e.(object)
		at, _ := entry["fieldsV1"].(object)
		for _, step := range []string{"f:spec", "f:template", "f:spec", "f:volumes", key} {
			at, _ = at[step].(object)
		}
		if at != nil && entry["manager"] != "regctl/"+concern {
			return true
		}
	}
	return false
}
