// Package change holds the changes to objects in a cluster: Apply for what regctl owns, Edit for
// what it shares with others, Make for what is created when it is missing, and Delete.
package change

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// appliedPrefix starts the annotation that remembers what a concern has applied last.
const appliedPrefix = "applied.regctl.io/"

// Apply is a change of an object of which only the fields that are named are regctl's: all others
// stay as whoever set them left them. Each concern (the workload, its TLS, its exposure)
// owns its fields under a name of its own.
//
// It is done by server-side apply or, where the server does not know that, by a patch made here: see threeWay,
// which does not know who owns a field and so names no conflicts.
type Apply struct {
	Client  *cluster.Client
	Object  *cluster.Object // the fields that are wanted
	Concern string          // short, lower case: workload
	Force   bool            // overwrite fields that others own
	First   *Edit           // takes out of the way what others own and the fields cannot stand beside; nil: nothing is in the way
	Seen    *cluster.Object // as it was read a moment ago, so that it is not read again; nil: it is read

	Found *cluster.Object
}

// String names the object.
func (a *Apply) String() string { return a.Ref().String() }

// Ref is the name of the object.
func (a *Apply) Ref() cluster.Ref { return cluster.RefOf(a.Object) }

func (a *Apply) manager() string { return "regctl/" + a.Concern }

// Live reads the object.
func (a *Apply) Live(ctx context.Context) (_ []byte, err error) {
	if a.Object, err = a.Client.AsServed(a.Object); err != nil {
		return nil, err
	}
	if a.Found, a.Seen = a.Seen, nil; a.Found != nil {
		return clean(a.Found)
	}
	if a.Found, err = a.Client.Get(ctx, a.Ref()); err != nil {
		return nil, err
	}
	return clean(a.Found)
}

// Want is the object as it will be. Where what is applied is the same as the last
// time and it has not changed since, nothing is asked of the server.
func (a *Apply) Want(ctx context.Context, server bool) ([]byte, error) {
	switch {
	case a.Client.Offline():
		return clean(a.Object)
	case a.Found != nil && a.stands():
		return clean(a.Found)
	case a.First != nil:
		return a.first(ctx, server)
	}
	if server {
		if err := a.Client.RequireDryRun(ctx); err != nil {
			return nil, err
		}
	}
	want, err := a.send(ctx, true)
	if err != nil && a.Found == nil && !server && missingNamespace(err) {
		return clean(a.Object) // the namespace is made by a change before this one
	}
	if err != nil {
		return nil, err
	}
	if a.Found == nil {
		want = unallocated(want, a.Object)
	}
	return clean(want)
}

// Apply sends it.
func (a *Apply) Apply(ctx context.Context) error {
	if a.First != nil {
		if err := a.First.Apply(ctx); err != nil {
			return err
		}
	}
	_, err := a.send(ctx, false)
	return err
}

// first is the object after First: the server cannot say yet what comes after.
func (a *Apply) first(ctx context.Context, server bool) ([]byte, error) {
	if _, err := a.First.Live(ctx); err != nil {
		return nil, err
	}
	return a.First.Want(ctx, server)
}

// View hides the values of secrets, and in a diff the key of a Route too. -o shows a Secret
// with its content, as kubectl does: it is there to be applied.
func (a *Apply) View(r plan.Result) plan.View {
	v := maskedView(r)
	v.DiffLive, v.DiffWant = withoutKeys(v.Live, v.Want)
	if a.Object.GetKind() == "Secret" {
		v.Document = a.Object.Object
	}
	return v
}

func (a *Apply) send(ctx context.Context, dry bool) (*cluster.Object, error) {
	modern, err := a.Client.HasServerSideApply(ctx)
	if err != nil {
		return nil, err
	}
	if !modern || dry && a.patched() {
		return a.threeWay(ctx, dry)
	}
	if err := a.handOver(ctx); err != nil {
		return nil, err
	}
	out, err := a.serverSide(ctx, dry)
	if status, ok := errors.AsType[*apierrors.StatusError](err); ok && status.Status().Code == http.StatusUnsupportedMediaType {
		a.Client.Server.RefusedApply()
		return a.threeWay(ctx, dry)
	}
	return out, a.Client.Explain(a.String(), err)
}

func (a *Apply) serverSide(ctx context.Context, dry bool) (*cluster.Object, error) {
	res, err := a.Client.Resource(a.Ref())
	if err != nil {
		return nil, err
	}
	opts := metav1.ApplyOptions{FieldManager: a.manager(), Force: a.Force}
	if dry {
		opts.DryRun = []string{metav1.DryRunAll}
	}
	o := a.noted()
	return res.Apply(ctx, o.GetName(), o, opts)
}

// noted is what is wanted, with the note of what it is.
func (a *Apply) noted() *cluster.Object {
	o := a.Object.DeepCopy()
	annotate(o, appliedPrefix+a.Concern, a.sum())
	return o
}

func annotate(o *cluster.Object, key, value string) {
	notes := o.GetAnnotations()
	if notes == nil {
		notes = map[string]string{}
	}
	notes[key] = value
	o.SetAnnotations(notes)
}

// missingNamespace tells whether what is missing is the namespace.
func missingNamespace(err error) bool {
	status, ok := errors.AsType[*apierrors.StatusError](err)
	return ok && apierrors.IsNotFound(err) && status.Status().Details != nil && status.Status().Details.Kind == "namespaces"
}

// sum is a digest of what is applied.
func (a *Apply) sum() string {
	b, err := json.Marshal(a.Object.Object) // maps are written in order, so equal objects have equal digests
	if err != nil {
		return ""
	}
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:8])
}

// stands tells that the same was applied before and still is so.
func (a *Apply) stands() bool {
	return a.Found.GetAnnotations()[appliedPrefix+a.Concern] == a.sum() && within(a.Object.Object, a.Found.Object)
}

// within tells whether every value of want is in live. Elements of lists are found by their
// name where they have one, else by their place. What it cannot tell (1000m is 1) it
// denies: then the server is asked.
func within(want, live any) bool {
	switch w := want.(type) {
	case map[string]any:
		l, ok := live.(map[string]any)
		if !ok {
			return len(w) == 0 && live == nil
		}
		for key, value := range w {
			if !within(value, l[key]) {
				return false
			}
		}
		return true
	case []any:
		l, _ := live.([]any)
		for i, value := range w {
			if !within(value, counterpart(value, l, i)) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(want, live)
}

func counterpart(value any, list []any, i int) any {
	m, _ := value.(map[string]any)
	for _, key := range []string{"name", "mountPath", "containerPort", "port", "type", "kind"} {
		id, named := m[key]
		if !named {
			continue
		}
		for _, other := range list {
			if o, ok := other.(map[string]any); ok && o[key] == id {
				return other
			}
		}
		return nil
	}
	if i < len(list) {
		return list[i]
	}
	return nil
}

// Applied tells whether regctl has made an object, or a part of it, for a concern.
func Applied(o *cluster.Object, concern string) bool {
	_, noted := o.GetAnnotations()[appliedPrefix+concern]
	return noted
}
