package change

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/pkg/hint"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
)

// Make is a change that makes an object as a whole where it is missing. One that is
// there must hold the same; what it holds instead is replaced only where Overwrite is set.
type Make struct {
	Client    *cluster.Client
	Object    *cluster.Object
	Fields    []string // the top-level fields that count: data, type
	Overwrite bool
	// Join changes an object that another client has created since it was looked for, in place;
	// nil: it must hold the same
	Join func(o *cluster.Object) error
	// Fill puts in content that is random, such as a password, and returns what is to be said once the
	// object exists. Such content is made once, and not printed: a plan is to be the same bytes twice.
	Fill func(o *cluster.Object) (note string, err error)

	live, filled *cluster.Object
	note         string
}

// String names the object.
func (m *Make) String() string { return cluster.RefOf(m.Object).String() }

// Live reads the object.
func (m *Make) Live(ctx context.Context) (_ []byte, err error) {
	if m.Object, err = m.Client.AsServed(m.Object); err != nil {
		return nil, err
	}
	if m.live, err = m.Client.Get(ctx, cluster.RefOf(m.Object)); err != nil {
		return nil, err
	}
	return clean(m.live)
}

// Want is the object that is to be, with what of it does not count as it is.
func (m *Make) Want(ctx context.Context, server bool) ([]byte, error) {
	differ := m.differ()
	switch {
	case m.live != nil && m.Join != nil:
		o := m.live.DeepCopy()
		if err := m.Join(o); err != nil {
			return nil, err
		}
		return clean(o)
	case len(differ) > 0 && !m.Overwrite:
		return nil, hint.Errorf("add --overwrite to replace its contents, or choose another name", "already exists with different contents (%s)", strings.Join(differ, ", "))
	case m.live == nil && m.Fill != nil && !m.Client.Offline():
		return m.fill(ctx, server)
	case server && (m.live == nil || len(differ) > 0):
		return m.dryRun(ctx)
	case m.live == nil:
		return clean(m.Object)
	}
	return clean(m.merged())
}

// fill makes the content, and asks the server whether the object may be made, if it can be asked.
func (m *Make) fill(ctx context.Context, server bool) (_ []byte, err error) {
	m.filled = m.Object.DeepCopy()
	if m.note, err = m.Fill(m.filled); err != nil {
		return nil, err
	}
	switch dryRuns, err := m.Client.HasServerSideApply(ctx); {
	case err != nil:
		return nil, err
	case dryRuns || server:
		if _, err := m.dryRun(ctx); err != nil {
			return nil, err
		}
	}
	return clean(m.Object)
}

// dryRun is the object as the server would have it.
func (m *Make) dryRun(ctx context.Context) ([]byte, error) {
	if err := m.Client.RequireDryRun(ctx); err != nil {
		return nil, err
	}
	send := m.replace
	if m.live == nil {
		send = m.create
	}
	out, err := send(ctx, metav1.DryRunAll)
	if err != nil {
		return nil, err
	}
	return clean(out)
}

// Apply creates or replaces it.
func (m *Make) Apply(ctx context.Context) error {
	if m.live == nil {
		_, err := m.create(ctx)
		if apierrors.IsAlreadyExists(err) {
			return m.join(ctx, err)
		}
		return err
	}
	if m.Join != nil {
		return m.join(ctx, nil)
	}
	return retry.OnError(retry.DefaultBackoff, apierrors.IsConflict, func() error {
		_, err := m.Live(ctx)
		switch {
		case err != nil:
		case m.live == nil: // gone since it was compared
			_, err = m.create(ctx)
		default:
			_, err = m.replace(ctx)
		}
		return err
	})
}

// join makes do with what another client has just created.
func (m *Make) join(ctx context.Context, exists error) error {
	m.note = ""
	if m.Join != nil {
		return (&Edit{Client: m.Client, Ref: cluster.RefOf(m.Object), Do: m.Join}).Apply(ctx)
	}
	if _, err := m.Live(ctx); err != nil || m.live == nil || len(m.differ()) > 0 {
		return exists
	}
	return nil
}

// View hides the values of secrets in a diff. Its document is all of it, as who prints a secret that they
// have just given wants to apply it elsewhere; of random content there is none.
func (m *Make) View(r plan.Result) plan.View {
	v := maskedView(r)
	v.Document, v.Hidden, v.Note = m.Object.Object, m.Fill != nil, m.note
	return v
}

func (m *Make) create(ctx context.Context, dryRun ...string) (*cluster.Object, error) {
	res, err := m.Client.Resource(cluster.RefOf(m.Object))
	if err != nil {
		return nil, err
	}
	o := m.Object
	if m.filled != nil {
		o = m.filled
	}
	out, err := res.Create(ctx, o, metav1.CreateOptions{FieldManager: "regctl/make", DryRun: dryRun})
	return out, m.Client.Explain(m.String(), err)
}

func (m *Make) replace(ctx context.Context, dryRun ...string) (*cluster.Object, error) {
	res, err := m.Client.Resource(cluster.RefOf(m.Object))
	if err != nil {
		return nil, err
	}
	out, err := res.Update(ctx, m.merged(), metav1.UpdateOptions{FieldManager: "regctl/make", DryRun: dryRun})
	if apierrors.IsConflict(err) {
		return nil, err // tried again by Apply
	}
	return out, m.Client.Explain(m.String(), err)
}

// merged is what is there with the fields that count as they are wanted.
func (m *Make) merged() *cluster.Object {
	o := m.live.DeepCopy()
	for _, field := range m.Fields {
		delete(o.Object, field)
		if want, said := m.Object.Object[field]; said {
			o.Object[field] = want
		}
	}
	return o
}

// differ names what is not as it is wanted: data: tls.crt.
func (m *Make) differ() []string {
	if m.live == nil {
		return nil
	}
	var all []string
	for _, field := range m.Fields {
		live, want := m.live.Object[field], m.Object.Object[field]
		if reflect.DeepEqual(live, want) {
			continue
		}
		l, lok := live.(map[string]any)
		w, wok := want.(map[string]any)
		if !lok && live != nil || !wok {
			all = append(all, fmt.Sprintf("%s: %v", field, live))
			continue
		}
		both := maps.Clone(w)
		maps.Copy(both, l)
		for _, key := range slices.Sorted(maps.Keys(both)) {
			if !reflect.DeepEqual(l[key], w[key]) {
				all = append(all, field+": "+key)
			}
		}
	}
	return all
}
