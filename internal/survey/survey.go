// Package survey looks at a registry that runs in a cluster, whoever deployed it,
// and says what it consists of and which issues were found.
package survey

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

// Label is on every registry: its value is the registry's name, or "default" for the default name.
const Label = "docker-registry"

// workloads are the kinds that a registry can be, the likely ones first.
func workloads() []cluster.GVK {
	apps := func(kind string) cluster.GVK { return cluster.GVK{Group: "apps", Version: "v1", Kind: kind} }
	return []cluster.GVK{apps("Deployment"), apps("DaemonSet"), apps("StatefulSet"),
		{Group: "apps.openshift.io", Version: "v1", Kind: "DeploymentConfig"}}
}

// Find finds the workload of a registry: the one of its name, else the one with its
// label. That there is none is an error that says where there are others.
func Find(ctx context.Context, c *cluster.Client, name string) (*cluster.Object, error) {
	o, others, err := find(ctx, c, name)
	if o == nil && err == nil {
		err = missing(ctx, c, name, others)
	}
	return o, err
}

// Has tells whether Find would find a registry.
func Has(ctx context.Context, c *cluster.Client, name string) (bool, error) {
	o, _, err := find(ctx, c, name)
	return o != nil, err
}

// find is nil where there is none of that name, with those that there are.
func find(ctx context.Context, c *cluster.Client, name string) (o *cluster.Object, others []cluster.Object, err error) {
	if err := checkName(name); err != nil {
		return nil, nil, err
	}
	for _, gvk := range workloads() {
		if o, err = get(ctx, c, cluster.Ref{GVK: gvk, Namespace: c.Namespace, Name: name}); o != nil || err != nil {
			return o, nil, err
		}
	}
	others, err = List(ctx, c)
	for i := range others {
		if err == nil && NameOf(&others[i]) == name {
			return &others[i], others, nil
		}
	}
	return nil, others, err
}

// checkName refuses what no registry can be called, such as TYPE/NAME.
func checkName(name string) error {
	if _, bare, slash := strings.Cut(name, "/"); slash {
		return hint.BadUsage(fmt.Errorf("%s: the name of a registry must not contain a slash", name), "specify only its name, as in: regctl registry status "+hint.Quote(bare))
	}
	if err := cluster.CheckName(name); err != nil {
		return hint.BadUsage(fmt.Errorf("name %w", err), "")
	}
	return nil
}

// get reads an object of a kind that the server may not know.
func get(ctx context.Context, c *cluster.Client, ref cluster.Ref) (*cluster.Object, error) {
	if known, err := c.Has(ref.GVK); err != nil || !known {
		return nil, err
	}
	return c.Get(ctx, ref)
}

// List lists the workloads with a registry's label in the client's namespace.
func List(ctx context.Context, c *cluster.Client) ([]cluster.Object, error) {
	var all []cluster.Object
	for _, gvk := range workloads() {
		if known, err := c.Has(gvk); err != nil || !known {
			if err != nil {
				return nil, err
			}
			continue
		}
		list, err := c.List(ctx, gvk, Label)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// NameOf is a registry's name, read from its label.
func NameOf(o *cluster.Object) string {
	switch name := o.GetLabels()[Label]; name {
	case "", "default":
		return o.GetName()
	default:
		return name
	}
}

// missing says that there is no such registry, and where one is.
func missing(ctx context.Context, c *cluster.Client, name string, here []cluster.Object) error {
	err := fmt.Errorf("%s: registry not found in namespace %s", name, c.Namespace)
	if len(here) > 0 {
		return hint.New(err, "existing registries: "+strings.Join(names(here), ", "))
	}
	everywhere := *c
	everywhere.Namespace = ""
	if others, listErr := List(ctx, &everywhere); listErr == nil { // who may not look elsewhere is told less
		at := slices.IndexFunc(others, func(o cluster.Object) bool { return NameOf(&o) == name })
		if at < 0 && len(others) > 0 && name == platform.DefaultName { // nobody has named it
			at = 0
		}
		if at >= 0 {
			o := others[at]
			return hint.New(err, fmt.Sprintf("%s is in namespace %s: add -n %s", NameOf(&o), o.GetNamespace(), o.GetNamespace()))
		}
	}
	return hint.New(err, deployCommand(name, c.Namespace))
}

func names(list []cluster.Object) []string {
	var all []string
	for i := range list {
		all = append(all, NameOf(&list[i]))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func deployCommand(name, namespace string) string {
	if name == platform.DefaultName {
		return "regctl registry deploy -n " + namespace
	}
	return fmt.Sprintf("regctl registry deploy %s -n %s", name, namespace)
}
