package openshift

import (
	"context"
	"encoding/json"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// manager is the field manager of the player.
const manager = "openshift"

func kindOf(group, plural string) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: group, Version: "v1", Resource: plural}
}

func core(plural string) schema.GroupVersionResource { return kindOf("", plural) }

// all are the objects of a kind, in a namespace or ("") in all.
func all[T any](ctx context.Context, p *player, kind schema.GroupVersionResource, namespace string) ([]*T, error) {
	list, err := p.client.Resource(kind).Namespace(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var objects []*T
	for _, item := range list.Items {
		o := new(T)
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(item.Object, o); err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	return objects, nil
}

// one is an object; nil where it is absent.
func one[T any](ctx context.Context, p *player, kind schema.GroupVersionResource, namespace, name string) (*T, error) {
	u, err := p.client.Resource(kind).Namespace(namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // absent
	}
	if err != nil {
		return nil, err
	}
	o := new(T)
	return o, runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, o)
}

// writeStatus writes the status of an object that was read before; nothing, where the object is gone.
func writeStatus(ctx context.Context, p *player, kind schema.GroupVersionResource, o any) error {
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
	if err != nil {
		return err
	}
	u := &unstructured.Unstructured{Object: fields}
	_, err = p.client.Resource(kind).Namespace(u.GetNamespace()).UpdateStatus(ctx, u, metav1.UpdateOptions{FieldManager: manager})
	return ignoreGone(err)
}

// apply creates an object, or makes it as it is given; apart from that, it stays as it is.
func (p *player) apply(ctx context.Context, kind schema.GroupVersionResource, o object) error {
	data, err := json.Marshal(o)
	if err != nil {
		return err
	}
	u := &unstructured.Unstructured{}
	if err := u.UnmarshalJSON(data); err != nil {
		return err
	}
	_, err = p.client.Resource(kind).Namespace(u.GetNamespace()).Apply(ctx, u.GetName(), u, metav1.ApplyOptions{FieldManager: manager, Force: true})
	return err
}

// merge changes the fields of an object that the patch has.
func (p *player) merge(ctx context.Context, kind schema.GroupVersionResource, namespace, name string, patch object) error {
	data, err := json.Marshal(patch)
	if err != nil {
		return err
	}
	_, err = p.client.Resource(kind).Namespace(namespace).Patch(ctx, name, types.MergePatchType, data, metav1.PatchOptions{FieldManager: manager})
	return err
}

// remove deletes an object, which may be gone already.
func (p *player) remove(ctx context.Context, kind schema.GroupVersionResource, namespace, name string) error {
	return ignoreGone(p.client.Resource(kind).Namespace(namespace).Delete(ctx, name, metav1.DeleteOptions{}))
}

func ignoreGone(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
