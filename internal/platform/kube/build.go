package kube

import (
	"context"
	"encoding/json"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
)

// concern is under which name regctl owns the fields of a registry's objects.
const concern = "registry"

// Objects are written as their manifests look: an API server names the field that it
// does not know, and nothing is printed that nobody asked for.
type (
	object = map[string]any
	list   = []any
)

// builder makes the objects of one registry.
type builder struct {
	*Platform
	ctx   context.Context //nolint:containedctx // a builder lives as long as one call of Plan
	s     platform.Spec
	found *found
	claim *cluster.Object // nil where it is absent
}

func (b *builder) daemonSet() bool { return isDaemonSet(b.s) }

// replicas is how many there are to be, whoever says so.
func (b *builder) replicas() int64 {
	if r := b.s.Workload.Replicas; r != nil {
		return int64(*r)
	}
	return Live{b.found}.Replicas()
}

// object has the name, the namespace and the labels that all of them have.
func (b *builder) object(version, kind, name string, more object) object {
	labels := object{"app.kubernetes.io/managed-by": "regctl", "regctl.io/registry": b.s.Name}
	for key, value := range b.s.Workload.Labels {
		labels[key] = value
	}
	o := object{
		"apiVersion": version, "kind": kind,
		"metadata": object{"name": name, "namespace": b.Client.Namespace, "labels": labels},
	}
	for key, value := range more {
		o[key] = value
	}
	return o
}

func (b *builder) selects() object {
	labels := object{}
	for key, value := range b.s.Workload.Labels {
		labels[key] = value
	}
	return labels
}

// changes are all of them, in the order in which one needs the other.
func (b *builder) changes() ([]plan.Change, error) {
	var all []plan.Change
	apply := func(o object, more func(*change.Apply)) error {
		decoded, err := cluster.ObjectOf(o)
		a := &change.Apply{Client: b.Client, Object: decoded, Concern: concern, Force: b.Force || b.takesOver()}
		if more != nil {
			more(a)
		}
		all = append(all, a)
		return err
	}
	account, err := cluster.ObjectOf(b.object("v1", "ServiceAccount", b.s.Workload.ServiceAccount, nil))
	if err != nil {
		return nil, err
	}
	all = append(all, &change.Make{Client: b.Client, Object: account})
	rights, err := b.flavor().Rights(b.ctx, b.s, Live{b.found})
	if err != nil {
		return nil, err
	}
	all = append(all, rights...)
	for _, secret := range b.secrets() {
		change, err := secret()
		if err != nil {
			return nil, err
		}
		all = append(all, change)
	}
	if pvc := b.s.Storage; pvc.Kind() == platform.KindPVC && pvc.PVC.Size != "" {
		if err := apply(b.claimObject(), func(a *change.Apply) { a.Seen = b.claim }); err != nil {
			return nil, err
		}
	}
	if b.switches() {
		all = append(all, &change.Delete{Client: b.Client, Ref: cluster.RefOf(b.found.workload)})
	}
	workload, err := b.workload()
	if err != nil {
		return nil, err
	}
	err = apply(workload, func(a *change.Apply) {
		if b.sameKind() {
			a.Seen, a.First = b.found.workload, b.first()
		}
	})
	if err == nil {
		err = apply(b.service(), nil)
	}
	if err != nil {
		return nil, err
	}
	return all, b.budget(apply, &all)
}

// takesOver tells that others have made the registry that exists: its fields are all theirs.
func (b *builder) takesOver() bool {
	live := Live{b.found}
	return live.There() && !live.Ours()
}

// budget keeps a pod running while nodes are emptied; it needs a second one.
func (b *builder) budget(apply func(object, func(*change.Apply)) error, all *[]plan.Change) error {
	o := b.object("policy/v1", "PodDisruptionBudget", b.s.Name, object{"spec": object{
		"maxUnavailable": 1, "selector": object{"matchLabels": b.selects()},
	}})
	if !b.flavor().Budgets() {
		return nil
	}
	if b.spread() {
		return apply(o, nil)
	}
	if noted, _ := b.found.noted(); noted.Workload == nil || noted.Workload.Replicas == nil || *noted.Workload.Replicas < 2 {
		return nil // there never was one
	}
	decoded, err := cluster.ObjectOf(o)
	if err == nil {
		*all = append(*all, &change.Delete{Client: b.Client, Ref: cluster.RefOf(decoded)})
	}
	return err
}

// spread tells whether there is more than one pod to lay over the nodes.
func (b *builder) spread() bool { return b.replicas() > 1 && !b.daemonSet() }

func (b *builder) service() object {
	port := b.s.Workload.Ports[0].Container
	spec := object{
		"selector":        b.selects(),
		"sessionAffinity": "ClientIP", // a push that is cut in pieces comes to one pod
		"ports":           list{object{"name": portName(port), "port": port, "targetPort": port, "protocol": "TCP"}},
	}
	if ip := b.s.Workload.ClusterIP; ip != "" {
		spec["clusterIP"] = ip
	}
	return b.object("v1", "Service", b.s.Name, object{"spec": spec})
}

// note is the Spec as the next run will read it, less the exposure: "regctl expose" changes that too.
func (b *builder) note() (string, error) {
	s := b.s
	s.Exposure = nil
	text, err := json.Marshal(s)
	return string(text), err
}
