package cluster

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Review sends a question of the API, such as a SelfSubjectAccessReview, and returns it with
// its answer in status.
func (c *Client) Review(ctx context.Context, question *Object) (*Object, error) {
	r := RefOf(question)
	res, err := c.Resource(r)
	if err != nil {
		return nil, err
	}
	out, err := res.Create(ctx, question, metav1.CreateOptions{})
	return out, c.Explain(r.GVK.Kind, err)
}
