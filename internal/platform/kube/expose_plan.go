package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
)

var _ platform.Exposer = (*Platform)(nil)

// Expose finds the changes after which the Service of a name is exposed so.
func (p *Platform) Expose(ctx context.Context, name string, e platform.Exposure) ([]plan.Change, error) {
	return p.exposure(name, e).Plan(ctx)
}

// Reach tells how the Service of a name is reached, and what to type next.
func (p *Platform) Reach(ctx context.Context, name string, e platform.Exposure, patience time.Duration) (address string, next []string, err error) {
	x := p.exposure(name, e)
	if _, err := x.check(); err != nil {
		return "", nil, err
	}
	if address, err = x.Address(ctx, patience); err != nil || address == "" {
		return "", nil, err
	}
	return address, x.Next(ctx, address), nil
}

func (p *Platform) exposure(name string, e platform.Exposure) *Expose {
	return &Expose{Exposure: e, Client: p.Client, Service: name, OpenShift: p.OpenShift, Force: p.Force, Warn: p.Warn, Say: p.Say}
}

// planned are the Service and the workload that a deployment is about to make.
type planned struct{ service, workload *cluster.Object }

func (p planned) there() bool { return p.service != nil }

// Beside adds an exposure to the changes of a deployment, whose Service may not be there yet.
func (e *Expose) Beside(ctx context.Context, changes []plan.Change) ([]plan.Change, error) {
	at := -1
	for i, c := range changes {
		a, applied := c.(*change.Apply)
		if !applied {
			continue
		}
		if _, pods := nested[object](a.Object, "spec", "template"); pods {
			e.planned.workload = a.Object
		}
		if a.Object.GetKind() == "Service" && a.Object.GetName() == e.Service {
			e.planned.service, at = a.Object, i
		}
	}
	more, err := e.Plan(ctx)
	if err != nil {
		return nil, fmt.Errorf("exposure: %w", err)
	}
	if !e.OfService() {
		return append(changes, more...), nil
	}
	for _, c := range more {
		if edit, ok := c.(*change.Edit); ok && at >= 0 {
			changes[at] = &typed{applied: changes[at].(*change.Apply), kind: serviceTypes()[e.Kind], edit: edit}
		}
	}
	return changes, nil
}

type applied = change.Apply

// typed is a Service that is made, if it is missing, and then is of a type; that others,
// or a later command, may change, so it is not among the fields of a deployment.
type typed struct {
	*applied
	kind string
	edit *change.Edit
}

// Want is the Service with its type.
func (t *typed) Want(ctx context.Context, server bool) ([]byte, error) {
	want, err := t.applied.Want(ctx, server)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(want))
	d.UseNumber()
	var o object
	if err := d.Decode(&o); err != nil {
		return nil, err
	}
	spec, _ := o["spec"].(object)
	if spec == nil || spec["type"] == t.kind {
		return want, nil
	}
	spec["type"] = t.kind
	return json.Marshal(o)
}

// Apply makes it, and gives it its type.
func (t *typed) Apply(ctx context.Context) error {
	if err := t.applied.Apply(ctx); err != nil {
		return err
	}
	return t.edit.Apply(ctx)
}
