package change

import (
	"context"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Once is a change that makes an object whose content is random: a password, a key.
// It is made where it is missing, and left alone where it is there. Its content is
// not printed: a plan is to be the same bytes twice.
type Once struct {
	Client *cluster.Client
	Object *cluster.Object
	// Fill puts the content in, and returns what is to be said once the object is there.
	Fill func(o *cluster.Object) (note string, err error)

	filled *cluster.Object
	note   string
}

// String names the object.
func (c *Once) String() string { return cluster.RefOf(c.Object).String() }

// Live reads the object.
func (c *Once) Live(ctx context.Context) ([]byte, error) {
	live, err := c.Client.Get(ctx, cluster.RefOf(c.Object))
	if err != nil {
		return nil, err
	}
	if live != nil {
		c.Object = live
	}
	return clean(live)
}

// Want is the object that is there, or one without its content. The server is asked
// whether it may be made, if it can be.
func (c *Once) Want(ctx context.Context, server bool) ([]byte, error) {
	if c.Object.GetUID() != "" || c.Client.Offline() {
		return clean(c.Object)
	}
	c.filled = c.Object.DeepCopy()
	var err error
	if c.note, err = c.Fill(c.filled); err != nil {
		return nil, err
	}
	switch dryRuns, err := c.Client.HasServerSideApply(ctx); {
	case err != nil:
		return nil, err
	case !dryRuns && server:
		return nil, c.Client.RequireDryRun(ctx)
	case dryRuns:
		if err := c.create(ctx, metav1.DryRunAll); err != nil {
			return nil, c.Client.Explain(c.String(), err)
		}
	}
	return clean(c.Object)
}

// Apply makes it. Where somebody else was faster, theirs is the one.
func (c *Once) Apply(ctx context.Context) error {
	err := c.create(ctx)
	if apierrors.IsAlreadyExists(err) {
		c.note = ""
		return nil
	}
	return c.Client.Explain(c.String(), err)
}

// Note is what Fill had to say.
func (c *Once) Note() string { return c.note }

// Describe prints nothing.
func (c *Once) Describe([]byte, plan.Action) any { return nil }

// Mask hides the values of secrets.
func (c *Once) Mask(live, want []byte) (shownLive, shownWant []byte) {
	return masked(live, nil), masked(want, live)
}

func (c *Once) create(ctx context.Context, dryRun ...string) error {
	res, err := c.Client.Resource(cluster.RefOf(c.Object))
	if err != nil {
		return err
	}
	_, err = res.Create(ctx, c.filled, metav1.CreateOptions{FieldManager: "regctl/once", DryRun: dryRun})
	return err
}
