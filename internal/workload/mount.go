package workload

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// mount mounts the volume in the containers, or says that it is mounted nowhere.
func (v Volume) mount(out *Outcome, spec map[string]any, containers []map[string]any) error {
	if v.Mount == nil {
		if len(mountsOf(everyContainer(spec), v.Name)) == 0 {
			out.note("volume %q is not mounted; add --mount-path to mount it", v.Name)
		}
		return nil
	}
	for _, c := range containers {
		if err := v.mountIn(c); err != nil {
			return err
		}
	}
	return nil
}

func (v Volume) mountIn(c map[string]any) error {
	mounts := list(c, "volumeMounts")
	for _, m := range mounts {
		if path.Clean(stringField(m, "mountPath")) == path.Clean(v.Mount.Path) && name(m) != v.Name {
			return hint.Errorf("choose another --mount-path, or replace volume "+name(m)+": --name="+name(m)+" --overwrite changes it", "volume mount '%s' already exists for container '%s'", v.Mount.Path, name(c))
		}
	}
	m := v.mountHere(c)
	if m == nil && v.Overwrite {
		mine := mountsOf([]map[string]any{c}, v.Name)
		if len(mine) > 1 {
			return hint.Errorf("remove it first: regctl volume remove", "volume '%s' is mounted several times in container '%s' (%s), so the mount to change is ambiguous", v.Name, name(c), strings.Join(mine, ", "))
		}
		m = byName(mounts, v.Name)
	}
	if m == nil {
		m = map[string]any{"name": v.Name, "mountPath": path.Clean(v.Mount.Path)}
		mounts = append(mounts, m)
		setList(c, "volumeMounts", mounts)
	} else if !v.Overwrite && !v.Mount.stands(m) {
		return hint.Errorf("add --overwrite", "volume mount '%s' already exists for container '%s'", v.Mount.Path, name(c))
	}
	v.Mount.write(m)
	return nil
}

// mountHere is the volume's mount at the path that is wanted, or nil.
func (v Volume) mountHere(c map[string]any) map[string]any {
	for _, m := range list(c, "volumeMounts") {
		if name(m) == v.Name && path.Clean(stringField(m, "mountPath")) == path.Clean(v.Mount.Path) {
			return m
		}
	}
	return nil
}

func (w *Mount) stands(m map[string]any) bool {
	readOnly, _ := m["readOnly"].(bool)
	return path.Clean(stringField(m, "mountPath")) == path.Clean(w.Path) &&
		(w.SubPath == nil || *w.SubPath == stringField(m, "subPath")) &&
		(w.ReadOnly == nil || *w.ReadOnly == readOnly)
}

// write makes a mount as it is wanted. false and "" are left out, as a server leaves them out.
func (w *Mount) write(m map[string]any) {
	if path.Clean(stringField(m, "mountPath")) != path.Clean(w.Path) {
		m["mountPath"] = path.Clean(w.Path)
	}
	if w.SubPath != nil {
		delete(m, "subPath")
		if *w.SubPath != "" {
			m["subPath"] = *w.SubPath
		}
	}
	if w.ReadOnly != nil {
		delete(m, "readOnly")
		if *w.ReadOnly {
			m["readOnly"] = true
		}
	}
}

// mountsOf lists the paths at which a volume is in containers, and the devices that it is.
func mountsOf(containers []map[string]any, volume string) []string {
	var at []string
	for _, c := range containers {
		for _, f := range mountFields() {
			for _, m := range list(c, f.list) {
				if name(m) == volume {
					at = append(at, stringField(m, f.path))
				}
			}
		}
	}
	return at
}

// mountField is a list of a container that names volumes, and the field that says where they are in it.
type mountField struct{ list, path string }

func mountFields() []mountField {
	return []mountField{{"volumeMounts", "mountPath"}, {"volumeDevices", "devicePath"}}
}

// unmount removes a volume from a container.
func unmount(c map[string]any, volume string) {
	for _, f := range mountFields() {
		kept := []map[string]any{}
		all := list(c, f.list)
		for _, m := range all {
			if name(m) != volume {
				kept = append(kept, m)
			}
		}
		if len(kept) != len(all) {
			setList(c, f.list, kept)
		}
	}
}

// Check refuses a path that no container can have.
func (w *Mount) Check() error {
	if !path.IsAbs(w.Path) || strings.Contains(w.Path, ":") {
		return hint.BadUsage(fmt.Errorf("--mount-path %s: must be an absolute path without a colon", w.Path), "")
	}
	return nil
}

// CheckVolumeName refuses what cannot be the name of a volume; "" is none.
func CheckVolumeName(name string) error {
	if ok, _ := regexp.MatchString(`^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$`, name); !ok {
		return hint.BadUsage(fmt.Errorf("--name %s: must consist of at most 63 lower-case letters, digits and -", name), "")
	}
	return nil
}
