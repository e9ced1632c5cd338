package cluster

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Review sends a question of the API, such as a SelfSubjectAccessReview, and returns it with
// its answer in status.
func (c *Client) Review(ctx context.Context, question *Object) (*Object, error) {
	r := RefOf(question)
	res, err := c.resource(r)
	if err != nil {
		return nil, err
	}
	out, err := res.Create(ctx, question, metav1.CreateOptions{})
	return out, c.explain(r.GVK.Kind, err)
}

// Served finds the version in which the server prefers a kind; false where it does not know the kind.
func (c *Client) Served(group, kind string) (GVK, bool, error) {
	gvk := GVK{Group: group, Kind: kind}
	found, err := c.Has(gvk)
	if err != nil || !found {
		return gvk, false, err
	}
	m, err := c.mapping(gvk)
	if err != nil {
		return gvk, false, err
	}
	return m.GroupVersionKind, true, nil
}

// Applied tells whether regctl has made an object, or a part of it, for a concern.
func Applied(o *Object, concern string) bool {
	_, noted := o.GetAnnotations()[appliedPrefix+concern]
	return noted
}
