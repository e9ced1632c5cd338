package kube

import (
	"cmp"
	"context"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

// volume is the live volume that holds the images, found by its role: it is what is
// mounted where the images are.
func (f *found) volume() object {
	name := f.volumeName()
	all, _ := nested[list](f.workload, "spec", "template", "spec", "volumes")
	for _, v := range all {
		if v, ok := v.(object); ok && v["name"] == name {
			return v
		}
	}
	return nil
}

// volumeName is the name under which the storage is mounted.
func (f *found) volumeName() string {
	s, _ := f.noted()
	path := "/registry"
	if s.Workload != nil && s.Workload.MountPath != "" {
		path = s.Workload.MountPath
	} else if theirs := f.mountPath(f.container()); theirs != "" {
		path = theirs
	}
	mounts, _ := f.container()["volumeMounts"].(list)
	for _, m := range mounts {
		if m, ok := m.(object); ok && m["mountPath"] == path {
			name, _ := m["name"].(string)
			return name
		}
	}
	return platform.StorageVolume
}

// storage is where the images are now; nil where there is no workload or a source that a Spec cannot say.
func (f *found) storage() *platform.Storage {
	if f.workload == nil {
		return nil
	}
	noted, _ := f.noted()
	v := f.volume()
	if v == nil && noted.Storage.ObjectStore() != nil {
		return noted.Storage
	}
	live := platform.StorageOfVolume(v)
	if live != nil && noted.Storage != nil && live.Place() == noted.Storage.Place() {
		return noted.Storage // which also knows a claim's size
	}
	return live
}

// foreignStorage tells that others have mounted what a Spec cannot say. It stays.
func (f *found) foreignStorage() bool { return f.volume() != nil && f.storage() == nil }

// source is the volume that holds the images; nil for an object store, which needs none.
func (b *builder) source() object {
	s := b.s.Storage
	if live := b.found.volume(); live != nil && b.sameKind() && platform.StorageOfVolume(live).Place() == s.Place() {
		return live // with what others have set in it
	}
	mounted := s.Mounted()
	if mounted == nil {
		if s.ObjectStore() != nil {
			return nil
		}
		return b.found.volume()
	}
	key, fields := mounted.Volume()
	return object{"name": b.volumeName(), key: fields}
}

// volumeName keeps a name that others have given.
func (b *builder) volumeName() string {
	if b.found.workload != nil && b.found.volume() != nil && b.sameKind() {
		return b.found.volumeName()
	}
	return platform.StorageVolume
}

// findClaim reads the claim that is to hold the images. One that is neither there nor to be made is an error.
func (p *Platform) findClaim(ctx context.Context, s platform.Spec) (*cluster.Object, error) {
	if s.Storage.Kind() != platform.KindPVC || p.Client.Offline() {
		return nil, nil
	}
	ref := cluster.Ref{GVK: claimKind(), Namespace: p.Client.Namespace, Name: s.Storage.PVC.Claim}
	claim, err := p.Client.Get(ctx, ref)
	if err == nil && claim == nil && s.Storage.PVC.Size == "" {
		return nil, hint.Errorf("add --claim-size 10Gi to create it, or specify another one: kubectl get pvc -n "+p.Client.Namespace,
			"%s: not found in namespace %s", ref, p.Client.Namespace)
	}
	return claim, err
}

// claimMode is how the claim can be mounted; "" where it is unknown.
func (b *builder) claimMode() string {
	modes, _ := nested[list](b.claim, "spec", "accessModes")
	for _, m := range modes {
		if m == many {
			return many
		}
	}
	if len(modes) > 0 {
		mode, _ := modes[0].(string)
		return mode
	}
	if b.s.Storage.PVC.Size == "" {
		return "" // not made here, and nobody was asked
	}
	return cmp.Or(b.s.Storage.PVC.Mode, once)
}

// claimObject is the claim, where it is regctl's to make.
func (b *builder) claimObject() object {
	pvc := b.s.Storage.PVC
	modes, there := nested[list](b.claim, "spec", "accessModes")
	if !there {
		modes = list{cmp.Or(pvc.Mode, once)}
	}
	spec := object{"accessModes": modes, "resources": object{"requests": object{"storage": pvc.Size}}}
	if pvc.Class != "" {
		spec["storageClassName"] = pvc.Class
	}
	return b.object("v1", "PersistentVolumeClaim", pvc.Claim, object{"spec": spec})
}
