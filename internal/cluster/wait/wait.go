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

// Wait waits until the applied workloads and claims are ready. Where the context's time ends
// before, the error has the reason. It also waits for a workload that did not change: an earlier
// wait may have been interrupted. An interrupt ends the wait and not the rollout.
func Wait(ctx context.Context, c *cluster.Client, results []plan.Result, say func(format string, args ...any)) error {
	given := timeGiven(ctx)
	following, stop := context.WithCancel(ctx)
	defer stop()
	sightings := make(chan sighting)
	left, err := begin(ctx, c, results, say)
	for _, w := range left {
		go w.follow(following, sightings)
	}
	interval := firstInterval
	next := time.NewTimer(interval)
	defer next.Stop()
	for err == nil && len(left) > 0 {
		select {
		case s := <-sightings:
			left, err = settle(ctx, left, s)
		case <-next.C:
			left, err = resync(ctx, left)
			interval = min(2*interval, lastInterval)
			next.Reset(interval)
		case <-ctx.Done():
		}
		if ctx.Err() != nil && len(left) > 0 {
			return left[0].giveUp(ctx, given)
		}
	}
	return err
}

// begin returns the waiters of those objects that are not known to be ready.
func begin(ctx context.Context, c *cluster.Client, results []plan.Result, say func(format string, args ...any)) (left []*waiter, err error) {
	for _, ref := range waitedFor(results) {
		w := &waiter{client: c, ref: ref, say: say, told: map[string]bool{}, began: time.Now()}
		ready := false
		if o := justSeen(results, ref); o != nil {
			if ready, err = w.take(ctx, o, nil); err != nil {
				return nil, err
			}
		}
		if !ready {
			left = append(left, w)
		}
	}
	return left, nil
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
		case *change.Make: // the claim of volume add
			ref = cluster.RefOf(change.Object)
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

// settle takes up one state, and returns the waiters whose objects are not ready.
func settle(ctx context.Context, left []*waiter, s sighting) ([]*waiter, error) {
	if !slices.Contains(left, s.of) || s.err == nil && s.of.stale(s.object) {
		return left, nil
	}
	ready, err := s.of.take(ctx, s.object, s.err)
	if err != nil && !over(ctx) {
		return nil, err
	}
	if ready {
		left = slices.DeleteFunc(left, func(w *waiter) bool { return w == s.of })
	}
	return left, nil
}

// resync reads all objects, and says why those that are not ready are not.
func resync(ctx context.Context, left []*waiter) ([]*waiter, error) {
	for _, w := range slices.Clone(left) {
		o, err := w.client.Get(ctx, w.ref)
		if left, err = settle(ctx, left, sighting{w, o, err}); err != nil {
			return nil, err
		}
		if w.last != nil && slices.Contains(left, w) {
			w.reason(ctx)
		}
	}
	return left, nil
}

// waiter follows one object.
type waiter struct {
	client *cluster.Client
	ref    cluster.Ref
	say    func(format string, args ...any)

	began time.Time
	last  *cluster.Object // as it was seen last
	state string
	told  map[string]bool // reasons that were said already
}

// take takes up a state of the object, or the error of reading it.
func (w *waiter) take(ctx context.Context, o *cluster.Object, err error) (ready bool, _ error) {
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
	if waited := time.Since(w.began); w.ref.GVK.Kind == "Route" && waited < patienceOfRouters || w.ref.GVK.Kind == "Config" && waited < patienceOfOperators {
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
