package openshift4

import (
	"context"
	"encoding/base64"
	"maps"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
)

// data is a change after which an object of keys, a Secret or a ConfigMap, has these; its others are kept.
func (p *Platform) data(ctx context.Context, kind, namespace, name string, data map[string][]byte) (plan.Change, error) {
	return putData(ctx, p.Client, kind, namespace, name, data)
}

// putData is a change after which a Secret or a ConfigMap has these keys (nil values: has them no more), made where it is missing.
func putData(ctx context.Context, c *cluster.Client, kind, namespace, name string, data map[string][]byte) (plan.Change, error) {
	ref := cluster.Ref{GVK: cluster.CoreKind(kind), Namespace: namespace, Name: name}
	live, err := c.Get(ctx, ref)
	if err != nil {
		return nil, err
	}
	write := func(to object) {
		for key, value := range data {
			switch {
			case value == nil:
				delete(to, key)
			case kind == "Secret":
				to[key] = base64.StdEncoding.EncodeToString(value)
			default:
				to[key] = string(value)
			}
		}
	}
	if live == nil {
		o, content := newObject(kind, namespace, name), object{}
		write(content)
		o.Object["data"] = content
		return &change.Make{Client: c, Object: o, Fields: []string{"data"}}, nil
	}
	return &change.Edit{Client: c, Ref: ref, Do: func(o *cluster.Object) error {
		content := inner(o.Object, "data")
		write(content)
		if old, _ := o.Object["data"].(object); !maps.Equal(old, content) {
			o.Object["data"] = content
		}
		return nil
	}}, nil
}

func newObject(kind, namespace, name string) *cluster.Object {
	o := &cluster.Object{Object: object{}}
	o.SetGroupVersionKind(cluster.CoreKind(kind))
	o.SetNamespace(namespace)
	o.SetName(name)
	return o
}
