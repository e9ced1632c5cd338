package kube

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

// SpecNote is the annotation of the workload that holds the Spec it was made of, so
// that the next run can lay one changed flag over it.
const SpecNote = "regctl.io/spec"

// found is the registry as it is.
type found struct {
	workload *cluster.Object // nil where there is none
}

func deployment() cluster.GVK { return cluster.GVK{Group: "apps", Version: "v1", Kind: "Deployment"} }
func daemonSet() cluster.GVK  { return cluster.GVK{Group: "apps", Version: "v1", Kind: "DaemonSet"} }
func claimKind() cluster.GVK  { return cluster.GVK{Version: "v1", Kind: "PersistentVolumeClaim"} }

// find reads the workload once.
func (p *Platform) find(ctx context.Context, name string) (*found, error) {
	if p.found != nil {
		return p.found, nil
	}
	f := &found{}
	for _, kind := range p.flavor().Kinds() {
		var err error
		f.workload, err = p.Client.Get(ctx, cluster.Ref{GVK: kind, Namespace: p.Client.Namespace, Name: name})
		if err != nil {
			return nil, err
		}
		if f.workload != nil {
			break
		}
	}
	p.found = f
	return f, nil
}

func (f *found) ref(name string) string {
	if f.workload == nil {
		return name
	}
	return cluster.RefOf(f.workload).String()
}

// sameKind tells whether the workload is of the kind that is wanted.
func (b *builder) sameKind() bool {
	return b.found.workload != nil && b.found.workload.GetKind() == b.wanted(b.s).Kind
}

func (b *builder) switches() bool { return b.found.workload != nil && !b.sameKind() }

func isDaemonSet(s platform.Spec) bool {
	return s.Workload != nil && s.Workload.DaemonSet != nil && *s.Workload.DaemonSet
}

// spec is what the last run wrote down, less what others have changed since.
func (f *found) spec() (platform.Spec, error) {
	s, err := f.noted()
	if err != nil || f.workload == nil {
		return s, err
	}
	if live, ok := nested[int64](f.workload, "spec", "replicas"); ok && s.Workload != nil && s.Workload.Replicas != nil && int64(*s.Workload.Replicas) != live {
		s.Workload.Replicas = nil // an autoscaler or another client scales it
	}
	if was := f.storage(); was == nil || was.Place() != s.Storage.Place() {
		s.Storage = was
	}
	if s.Workload == nil {
		if !cluster.IsRegistry(f.workload) {
			return s, hint.BadUsage(fmt.Errorf("%s: already exists and is not a registry", cluster.RefOf(f.workload)), "choose another registry name")
		}
		f.adopt(&s)
	}
	return s, nil
}

func (f *found) noted() (s platform.Spec, err error) {
	if f.workload == nil {
		return s, nil
	}
	note := f.workload.GetAnnotations()[SpecNote]
	if note == "" {
		return s, nil
	}
	if err := json.Unmarshal([]byte(note), &s); err != nil {
		return s, hint.New(fmt.Errorf("%s: annotation %s: %w", cluster.RefOf(f.workload), SpecNote, err), "remove the annotation, then specify all flags again")
	}
	return s, nil
}

// selector is how the workload finds its pods; nil where there is no workload.
func (f *found) selector() map[string]string {
	if f.workload == nil {
		return nil
	}
	labels, ok := nested[map[string]any](f.workload, "spec", "selector", "matchLabels")
	if !ok { // a DeploymentConfig has them one step higher
		labels, _ = nested[map[string]any](f.workload, "spec", "selector")
	}
	out := map[string]string{}
	for key, value := range labels {
		out[key], _ = value.(string)
	}
	return out
}

// container is the registry's among those of the pod.
func (f *found) container() object {
	all, _ := nested[list](f.workload, "spec", "template", "spec", "containers")
	for _, c := range all {
		if c, ok := c.(object); ok && (c["name"] == container || len(all) == 1) {
			return c
		}
	}
	return nil
}

// nested is a value inside an object, whose maps are as the API server sends them.
func nested[T any](o *cluster.Object, path ...string) (value T, ok bool) {
	if o == nil {
		return value, false
	}
	var at any = o.Object
	for _, key := range path {
		m, isMap := at.(map[string]any)
		if !isMap {
			return value, false
		}
		at = m[key]
	}
	value, ok = at.(T)
	return value, ok
}
