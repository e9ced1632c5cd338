package workload

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/pkg/hint"
	"k8s.io/apimachinery/pkg/runtime"
)

// Volume is a volume that a workload is to have.
type Volume struct {
	Name       string // "" finds it by mount path or source, or makes a name up
	Source     Source // nil keeps the source of a volume that exists, and is an empty directory else
	Mount      *Mount // nil: mounts stay as they are
	Containers string // in which it is mounted: a pattern with "*"
	Overwrite  bool   // replace what exists
	Storage    string // name of the volume that holds the images of a registry
}

// Mount is where a volume is in a container; what is nil stays as it is.
type Mount struct {
	Path     string
	SubPath  *string
	ReadOnly *bool
}

// AddVolume adds or replaces a volume and its mounts. Nothing is changed where it is so already.
func AddVolume(o *cluster.Object, v Volume) (Outcome, error) {
	var out Outcome
	spec, err := PodSpec(o)
	if err != nil {
		return out, err
	}
	containers, err := Select(spec, v.Containers, false)
	if err != nil {
		return out, err
	}
	nameGiven := v.Name != ""
	if v, err = v.resolveName(&out, spec, containers); err != nil {
		return out, err
	}
	there := byName(list(spec, "volumes"), v.Name)
	switch {
	case there == nil:
		v.create(spec)
	case nameGiven && !v.Overwrite && !v.stands(there, containers):
		return out, hint.Errorf("add --overwrite, or choose another --name", "volume '%s' already exists. Use --overwrite to replace", v.Name)
	case v.Source != nil:
		v.replace(&out, there)
	}
	return out, v.mount(&out, spec, containers)
}

// resolveName finds the volume that is meant, by the rules of oc, and else makes a name up.
func (v Volume) resolveName(out *Outcome, spec map[string]any, containers []map[string]any) (Volume, error) {
	var err error
	switch {
	case v.Name != "":
		return v.byRole(out, spec), nil
	case v.Overwrite && v.Mount == nil:
		return v, hint.BadUsage(errors.New("ambiguous --overwrite, specify --name or --mount-path"), "")
	case v.Overwrite:
		v.Name, err = mountedAt(containers, v.Mount.Path)
		return v, err
	case v.Source == nil:
		v.Source = emptyDir()
	}
	for _, there := range list(spec, "volumes") { // a volume with this source may be mounted once more
		if v.Source.kind() != "emptyDir" && v.Source.same(sourceOf(there)) {
			v.Name = name(there)
			return v, nil
		}
	}
	v.Name = v.invent(list(spec, "volumes"))
	if byName(list(spec, "volumes"), v.Name) == nil {
		out.note("Generated volume name: %s", v.Name)
	}
	return v, nil
}

func emptyDir() Source { return Source{"emptyDir": map[string]any{}} }

// byRole is the volume of that name. An unknown one with --overwrite and without a
// mount path would be attached and mounted nowhere, and a registry would go on writing
// to what it had: there the registry's storage is meant.
func (v Volume) byRole(out *Outcome, spec map[string]any) Volume {
	if !v.Overwrite || byName(list(spec, "volumes"), v.Name) != nil {
		return v
	}
	at := mountsOf(list(spec, "containers"), v.Storage)
	if v.Mount == nil && v.Source.Persistent() && len(at) > 0 && byName(list(spec, "volumes"), v.Storage) != nil {
		out.note("volume %q not found: used %q instead, the registry's storage, mounted at %s", v.Name, v.Storage, at[0])
		v.Name = v.Storage
		return v
	}
	out.note("volume %q did not exist and was added", v.Name)
	return v
}

// mountedAt is the name of the one volume that is mounted at a path.
func mountedAt(containers []map[string]any, at string) (string, error) {
	found := map[string]bool{}
	for _, c := range containers {
		for _, m := range list(c, "volumeMounts") {
			if path.Clean(stringField(m, "mountPath")) == path.Clean(at) {
				found[name(m)] = true
			}
		}
	}
	switch len(found) {
	case 0:
		return "", hint.Errorf("omit --overwrite, or specify the volume: --name", "unable to find the volume for mount-path: %s", at)
	case 1:
		return slices.Collect(maps.Keys(found))[0], nil
	}
	return "", hint.Errorf("choose the container: -c", "found multiple volumes with same mount-path: %s", at)
}

// invent makes up a name that is the same each time, so that a second run finds it.
func (v Volume) invent(volumes []map[string]any) string {
	where := ""
	if v.Mount != nil {
		where = path.Clean(v.Mount.Path)
	}
	id := "volume-" + Digest(v.Source, where)
	for n := len("volume-") + 5; n < len(id); n++ {
		there := byName(volumes, id[:n])
		if there == nil || v.Source.same(sourceOf(there)) {
			return id[:n]
		}
	}
	return id
}

// Digest is a name's worth of what is given, in hexadecimal: the same for the same.
func Digest(parts ...any) string {
	b, _ := json.Marshal(parts) // what has no JSON form is all the same
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

func (v Volume) create(spec map[string]any) {
	if v.Source == nil {
		v.Source = emptyDir()
	}
	volume := runtime.DeepCopyJSON(v.Source)
	volume["name"] = v.Name
	setList(spec, "volumes", append(list(spec, "volumes"), volume))
}

// replace changes the source of a volume in its place.
func (v Volume) replace(out *Outcome, there map[string]any) {
	old := sourceOf(there)
	if v.Source.same(old) {
		return
	}
	if old.Persistent() && !v.Source.Persistent() {
		out.Loss = fmt.Sprintf("volume %q changes to %s from %s: its data is lost with the pod", v.Name, v.Source.phrase(), old.phrase())
	} else if v.Name == v.Storage {
		out.note("the images in %s are not copied to %s", old.phrase(), v.Source.phrase())
	}
	for key := range there {
		if key != "name" {
			delete(there, key)
		}
	}
	maps.Copy(there, runtime.DeepCopyJSON(v.Source))
}

// stands tells whether a volume is already as it is wanted.
func (v Volume) stands(there map[string]any, containers []map[string]any) bool {
	if v.Source != nil && !v.Source.same(sourceOf(there)) {
		return false
	}
	return v.Mount == nil || !slices.ContainsFunc(containers, func(c map[string]any) bool {
		m := v.mountHere(c)
		return m == nil || !v.Mount.stands(m)
	})
}
