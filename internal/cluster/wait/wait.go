// Package wait waits for rollouts, claims and routes to finish, and finds the reason when they do not.
package wait

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/pkg/hint"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Wait waits until the workloads and claims among what was changed are ready, and
// says why where they do not become so in the context's time. A workload that was
// applied is waited for even where nothing was to be changed: an earlier wait may
// have been interrupted. An interrupt ends the wait, never the rollout.
func Wait(ctx context.Context, c *cluster.Client, results []plan.Result, say func(format string, args ...any)) error {
	given := timeGiven(ctx)
	var left []*waiter
	for _, ref := range waitedFor(results) {
		left = append(left, &waiter{client: c, ref: ref, say: say, told: map[string]bool{}, seen: justSeen(results, ref)})
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for len(left) > 0 {
		var err error
		if left, err = stillWaiting(ctx, left); err != nil || len(left) == 0 {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			return left[0].giveUp(ctx, given)
		}
	}
	return nil
}

func timeGiven(ctx context.Context) time.Duration {
	end, _ := ctx.Deadline()
	return time.Until(end).Round(time.Second)
}

// waitedFor are the objects whose readiness takes time.
func waitedFor(results []plan.Result) []cluster.Ref {
	var refs []cluster.Ref
	for _, r := range results {
		var ref cluster.Ref
		switch change := r.Change.(type) {
		case *change.Apply:
			ref = change.Ref()
		case *change.Edit:
			if r.Action == plan.Unchanged && change.Ref.GVK.Kind != "Config" { // an operator may still be at what was changed before
				continue
			}
			ref = change.Ref
		}
		kinds := []string{"Deployment", "DaemonSet", "StatefulSet", "Job", "DeploymentConfig", "PersistentVolumeClaim", "Route", "Config"}
		if r.Action != plan.Removed && slices.Contains(kinds, ref.GVK.Kind) && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	return refs
}

// justSeen is what was read of an object that nothing was changed of.
func justSeen(results []plan.Result, ref cluster.Ref) *cluster.Object {
	for _, r := range results {
		if a, ok := r.Change.(*change.Apply); ok && r.Action == plan.Unchanged && a.Ref() == ref {
			return a.Found
		}
	}
	return nil
}

// stillWaiting looks at each and keeps those that are not ready.
func stillWaiting(ctx context.Context, all []*waiter) (left []*waiter, err error) {
	for _, w := range all {
		ready, err := w.look(ctx)
		if err != nil && !over(ctx) {
			return nil, err
		}
		if !ready {
			left = append(left, w)
		}
	}
	return left, nil
}

// waiter follows one object.
type waiter struct {
	client *cluster.Client
	ref    cluster.Ref
	say    func(format string, args ...any)

	seen  *cluster.Object // as it was read a moment ago, so that it is not read again; nil: it is read
	last  *cluster.Object // as it was seen last
	state string
	looks int
	told  map[string]bool // reasons that were said already
}

func (w *waiter) look(ctx context.Context) (ready bool, err error) {
	o, err := w.seen, error(nil)
	if w.seen = nil; o == nil {
		o, err = w.client.Get(ctx, w.ref)
	}
	switch {
	case over(ctx):
		return false, nil
	case ctx.Err() != nil:
		return false, ctx.Err() // not the server's fault
	case err != nil && transient(err):
		w.report("the API server does not answer")
		return false, nil
	case err != nil:
		return false, err
	case o == nil:
		return false, fmt.Errorf("%s: it was deleted while it was waited for", w.ref)
	}
	w.last = o
	r, err := w.rollout(ctx, o)
	if err != nil {
		return false, err
	}
	w.report(r.State)
	if r.Failed != "" {
		return false, w.failed(ctx, r.Failed)
	}
	if w.looks++; !r.Done && w.looks%3 == 2 {
		w.reason(ctx)
	}
	return r.Done, nil
}

// over tells that the time is up: requests fail a moment before the context says so.
func over(ctx context.Context) bool {
	end, timed := ctx.Deadline()
	return ctx.Err() != nil || timed && time.Until(end) < 20*time.Millisecond
}

// transient errors may pass: the server restarts, a connection breaks, too many ask.
func transient(err error) bool {
	status, answered := errors.AsType[*apierrors.StatusError](err)
	return !answered || status.Status().Code >= 500 || apierrors.IsTooManyRequests(err)
}

func (w *waiter) rollout(ctx context.Context, o *cluster.Object) (Rollout, error) {
	if w.ref.GVK.Kind == "PersistentVolumeClaim" {
		return claimState(ctx, w.client, o)
	}
	r, err := RolloutOf(o)
	if w.ref.GVK.Kind == "Route" && w.looks < patienceOfRouters || w.ref.GVK.Kind == "Config" && w.looks < patienceOfOperators {
		r.Failed = ""
	}
	if err != nil || !r.Done || w.ref.GVK.Kind != "DeploymentConfig" {
		return r, err
	}
	rc, err := w.client.Get(ctx, latestController(o))
	switch {
	case err != nil && transient(err):
		return Rollout{State: "the API server does not answer"}, nil
	case err == nil && configIsStale(o, rc):
		return Rollout{State: "its new rollout has not begun"}, nil
	}
	return r, nil // one who may not read ReplicationControllers believes the DeploymentConfig
}

// report says a state once.
func (w *waiter) report(state string) {
	if state != w.state {
		w.say("%s: %s", w.ref, state)
	}
	w.state = state
}

// reason says, once, why it takes so long. That a program which has just been started is not ready yet is no news.
func (w *waiter) reason(ctx context.Context) {
	r, err := Diagnose(ctx, w.client, w.last)
	if err != nil || r == nil || r.Early || r.Text == "" || w.told[r.String()] {
		return
	}
	w.told[r.String()] = true
	w.say("%s", r)
}

// giveUp is the error of a wait that came to its end.
func (w *waiter) giveUp(ctx context.Context, given time.Duration) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		w.say("%s: the rollout goes on in the cluster; look at it by: %s", w.ref, w.followUp())
		return ctx.Err()
	}
	return w.failed(ctx, "not ready after "+given.String())
}

func (w *waiter) followUp() string {
	if w.ref.Namespace == "" {
		return "kubectl get " + w.ref.String() + " -o yaml"
	}
	return fmt.Sprintf("kubectl get %s %s -n %s", strings.ToLower(w.ref.GVK.Kind), w.ref.Name, w.ref.Namespace)
}

// failed is an error with the reason of the pod that blocks. The context's time may be
// over, and that is what is asked about, so the question has a little time of its own.
func (w *waiter) failed(ctx context.Context, what string) error {
	err := fmt.Errorf("%s: %s", w.ref, what)
	if w.last == nil {
		return hint.New(err, w.followUp())
	}
	if w.state != "" {
		err = fmt.Errorf("%w (%s)", err, w.state)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	in := *w.client
	in.Namespace = w.ref.Namespace
	r, asked := Diagnose(ctx, &in, w.last)
	if asked != nil || r == nil {
		return hint.New(err, strings.Replace(w.followUp(), " get ", " describe ", 1))
	}
	if r.Text == "" {
		return hint.New(err, r.Advice)
	}
	return hint.New(fmt.Errorf("%w: %s%s", err, r, lastWords(ctx, &in, r)), r.Advice)
}
