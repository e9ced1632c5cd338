package change

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/pkg/hint"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/retry"
)

// Edit is a change of something that others own too: it is read, changed, and
// sent back only as it was read; where another client was faster, it is done again.
type Edit struct {
	Client *cluster.Client
	Ref    cluster.Ref
	Do     func(o *cluster.Object) error // changes the object in place; called again on each attempt
	Base   *cluster.Object               // stands for the object where no server is asked; nil: its name alone

	// Hide replaces what a diff must not show, such as variables that hold passwords; may be nil.
	Hide func(live, want []byte) (shownLive, shownWant []byte)

	live *cluster.Object
}

// String names the object.
func (e *Edit) String() string { return e.Ref.String() }

// Live reads the object; that it is missing is an error, since there is nothing to edit.
func (e *Edit) Live(ctx context.Context) ([]byte, error) {
	if e.Client.Offline() {
		e.live = e.blank()
		return clean(e.live)
	}
	if err := e.read(ctx); err != nil {
		return nil, err
	}
	return clean(e.live)
}

func (e *Edit) read(ctx context.Context) (err error) {
	if e.live, err = e.Client.Get(ctx, e.Ref); err == nil && e.live == nil {
		err = hint.Errorf(fmt.Sprintf("kubectl get %s -n %s", strings.ToLower(e.Ref.GVK.Kind), e.Client.Namespace), "not found in namespace %s", e.Client.Namespace)
	}
	return err
}

// blank stands for an object that cannot be asked for.
func (e *Edit) blank() *cluster.Object {
	if e.Base != nil {
		return e.Base
	}
	o := &cluster.Object{Object: map[string]any{}}
	o.SetGroupVersionKind(e.Ref.GVK)
	o.SetName(e.Ref.Name)
	o.SetNamespace(e.Ref.Namespace)
	return o
}

// Want is the object with the change made, if asked for as the server would have it.
func (e *Edit) Want(ctx context.Context, server bool) ([]byte, error) {
	want := e.live.DeepCopy()
	if err := e.Do(want); err != nil {
		return nil, err
	}
	if server && !e.Client.Offline() {
		if err := e.Client.RequireDryRun(ctx); err != nil {
			return nil, err
		}
		out, err := e.patch(ctx, e.live, want, true)
		if err != nil {
			return nil, err
		}
		if out != nil {
			want = out
		}
	}
	return clean(want)
}

// Apply makes the change on the object as it is by then.
func (e *Edit) Apply(ctx context.Context) error {
	return retry.OnError(patience(), apierrors.IsConflict, func() error {
		if err := e.read(ctx); err != nil {
			return err
		}
		want := e.live.DeepCopy()
		if err := e.Do(want); err != nil {
			return err
		}
		_, err := e.patch(ctx, e.live, want, false)
		return err
	})
}

// patience is a dozen attempts in about two seconds: controllers and other editors write
// to a workload that rolls out all the time.
func patience() wait.Backoff {
	return wait.Backoff{Steps: 12, Duration: 10 * time.Millisecond, Factor: 1.5, Jitter: 0.5}
}

// View hides the values of secrets, and in a diff what Hide does.
func (e *Edit) View(r plan.Result) plan.View {
	v := maskedView(r)
	if e.Hide != nil {
		v.DiffLive, v.DiffWant = e.Hide(v.Live, v.Want)
	}
	return v
}

// patch sends the difference, on condition that the object has not changed since it was read.
func (e *Edit) patch(ctx context.Context, from, to *cluster.Object, dry bool) (*cluster.Object, error) {
	out, err := patch(ctx, e.Client, from, to, "regctl/edit", dry)
	if apierrors.IsConflict(err) {
		return nil, err // tried again by Apply
	}
	return out, e.Client.Explain(e.String(), err)
}

// patch sends the difference of two states of an object, on condition that it is still in the first: else the
// error is a conflict. It is a JSON merge patch, which every server knows for every kind. nil is returned where there is no difference.
func patch(ctx context.Context, c *cluster.Client, from, to *cluster.Object, manager string, dry bool) (*cluster.Object, error) {
	was, err := json.Marshal(from.Object)
	if err != nil {
		return nil, err
	}
	is, err := json.Marshal(to.Object)
	if err != nil {
		return nil, err
	}
	diff, err := jsonmergepatch.CreateThreeWayJSONMergePatch(was, is, was)
	if err != nil || string(diff) == "{}" {
		return nil, err
	}
	if diff, err = atVersion(diff, from.GetResourceVersion()); err != nil {
		return nil, err
	}
	res, err := c.Resource(cluster.RefOf(from))
	if err != nil {
		return nil, err
	}
	opts := metav1.PatchOptions{FieldManager: manager}
	if dry {
		opts.DryRun = []string{metav1.DryRunAll}
	}
	return res.Patch(ctx, from.GetName(), types.MergePatchType, diff, opts)
}

func atVersion(patch []byte, version string) ([]byte, error) {
	var m map[string]any
	if err := json.Unmarshal(patch, &m); err != nil {
		return nil, err
	}
	metadata, _ := m["metadata"].(map[string]any)
	if metadata == nil {
		metadata = map[string]any{}
		m["metadata"] = metadata
	}
	metadata["resourceVersion"] = version
	return json.Marshal(m)
}

// Delete is a change after which an object is gone. What belongs to it goes with it.
type Delete struct {
	Client *cluster.Client
	Ref    cluster.Ref
	As     *cluster.Object // as it was when that was decided: what another client has changed since stays; nil: it goes however it is
}

// String names the object.
func (d *Delete) String() string { return d.Ref.String() }

// Live reads the object.
func (d *Delete) Live(ctx context.Context) ([]byte, error) {
	o, err := d.Client.Get(ctx, d.Ref)
	if err != nil {
		return nil, err
	}
	return clean(o)
}

// Want is nothing.
func (d *Delete) Want(context.Context, bool) ([]byte, error) { return nil, nil }

// Apply deletes it.
func (d *Delete) Apply(ctx context.Context) error {
	res, err := d.Client.Resource(d.Ref)
	if err != nil {
		return err
	}
	background := metav1.DeletePropagationBackground
	opts := metav1.DeleteOptions{PropagationPolicy: &background}
	if d.As != nil {
		uid, version := d.As.GetUID(), d.As.GetResourceVersion()
		opts.Preconditions = &metav1.Preconditions{UID: &uid, ResourceVersion: &version}
	}
	err = res.Delete(ctx, d.Ref.Name, opts)
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case apierrors.IsConflict(err) && d.As != nil:
		return hint.Errorf("run the command again", "%s: changed by another client meanwhile", d)
	}
	return d.Client.Explain(d.String(), err)
}

// View hides the values of secrets.
func (d *Delete) View(r plan.Result) plan.View { return maskedView(r) }

// maskedView shows documents without the values of secrets.
func maskedView(r plan.Result) plan.View {
	return plan.View{Live: masked(r.Live, nil), Want: masked(r.Want, r.Live)}
}
