package cluster

import (
	"encoding/json"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Object is an object of a cluster as the API server has it: nothing that this
// program does not know of is lost when it is changed and sent back.
type Object = unstructured.Unstructured

// GVK is the group, version and kind of an object.
type GVK = schema.GroupVersionKind

// Ref names an object.
type Ref struct {
	GVK       schema.GroupVersionKind
	Namespace string // "" for what belongs to the whole cluster
	Name      string
}

// String is the name as kubectl prints it: deployment.apps/docker-registry.
func (r Ref) String() string {
	kind := strings.ToLower(r.GVK.Kind)
	if r.GVK.Group != "" {
		kind += "." + r.GVK.Group
	}
	return kind + "/" + r.Name
}

// RefOf is the name of an object.
func RefOf(o *Object) Ref {
	return Ref{GVK: o.GroupVersionKind(), Namespace: o.GetNamespace(), Name: o.GetName()}
}

// ObjectOf makes an Object of anything that has a JSON form: a map, an apply configuration, a typed object.
func ObjectOf(v any) (*Object, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	o := &Object{}
	return o, o.UnmarshalJSON(b)
}

// Decode reads an object into its typed form.
func Decode[T any](o *Object) (*T, error) {
	t := new(T)
	b, err := json.Marshal(o.Object)
	if err == nil {
		err = json.Unmarshal(b, t)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", RefOf(o), err)
	}
	return t, nil
}

// CoreKind is a kind of Kubernetes' first API group: Pod, Secret, Service.
func CoreKind(kind string) schema.GroupVersionKind {
	return schema.GroupVersionKind{Version: "v1", Kind: kind}
}
