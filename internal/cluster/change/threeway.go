package change

import (
	"context"

	"github.com/regctl/regctl/internal/cluster"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
)

// patchedPrefix starts the annotation that remembers which fields a concern has set, where
// the server does not: as managedFields would have it, so no value is in it.
const patchedPrefix = "patched.regctl.io/"

// otherwisePrefix starts the annotation that remembers which of these fields the server did not take as they were sent:
// as long as the same is wanted, they are not sent again.
const otherwisePrefix = "otherwise.regctl.io/"

// threeWay does for servers without server-side apply what can be done from here: what is wanted is laid over the existing object, and what
// regctl has set before and wants no more is removed. All else stays. Nobody knows there who owns a field: what others
// have set and regctl wants otherwise is overwritten, and no conflict is reported. An object that another client changes at the same time
// is read again. With dry set nothing is sent, and what is returned lacks the server's defaults; only where
// the server knows dry runs is it asked.
func (a *Apply) threeWay(ctx context.Context, dry bool) (out *cluster.Object, err error) {
	fresh := true // a.live was read a moment ago
	err = retry.OnError(patience(), raced, func() error {
		if !fresh {
			if a.Found, err = a.Client.Get(ctx, a.Ref()); err != nil {
				return err
			}
		}
		fresh = false
		out, err = a.lay(ctx, dry)
		return err
	})
	return out, a.Client.Explain(a.String(), err)
}

// raced tells that another client has created or changed the object since it was read.
func raced(err error) bool { return apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err) }

func (a *Apply) lay(ctx context.Context, dry bool) (*cluster.Object, error) {
	want := a.noted()
	now, err := fieldsOf(want)
	if err != nil {
		return nil, err
	}
	if a.Found == nil {
		out, err := a.create(ctx, a.remember(want.DeepCopy(), now), dry)
		return a.keep(ctx, want, out, now, dry || err != nil, err)
	}
	last, err := a.last()
	if err != nil {
		return nil, err
	}
	taken, same, err := a.taken(want)
	if err != nil {
		return nil, err
	}
	to, err := laidOver(a.Found, taken, last.Difference(now))
	if err != nil {
		return nil, err
	}
	if a.remember(to, now); !same {
		remove(to.Object, "metadata", "annotations", otherwisePrefix+a.Concern)
	}
	if dry && a.Client.Server.IsPlain() {
		return to, nil
	}
	out, err := patch(ctx, a.Client, a.Found, to, a.manager(), dry)
	if out == nil {
		return a.Found, err
	}
	return a.keep(ctx, taken, out, now, dry || same, err)
}

// taken is what is wanted less what the server did not take when the same was wanted before.
func (a *Apply) taken(want *cluster.Object) (_ *cluster.Object, same bool, err error) {
	notes := a.Found.GetAnnotations()
	note := notes[otherwisePrefix+a.Concern]
	if note == "" || notes[appliedPrefix+a.Concern] != a.sum() {
		return want, false, nil
	}
	set, err := parseFields([]byte(note))
	if err != nil {
		return nil, false, err
	}
	want, err = without(want, set)
	return want, true, err
}

// keep notes which fields the server has not taken, if it has not and it is not known.
func (a *Apply) keep(ctx context.Context, want, out *cluster.Object, now *fields, known bool, err error) (*cluster.Object, error) {
	if err != nil || known {
		return out, err
	}
	set, err := otherwise(want, out, now)
	if err != nil || set.Empty() {
		return out, err
	}
	text, err := set.ToJSON()
	if err != nil {
		return nil, err
	}
	to := out.DeepCopy()
	annotate(to, otherwisePrefix+a.Concern, string(text))
	return patch(ctx, a.Client, out, to, a.manager(), false)
}

func (a *Apply) create(ctx context.Context, want *cluster.Object, dry bool) (*cluster.Object, error) {
	if dry {
		return want, nil
	}
	res, err := a.Client.Resource(a.Ref())
	if err != nil {
		return nil, err
	}
	return res.Create(ctx, want, metav1.CreateOptions{FieldManager: a.manager()})
}

// remember notes which fields are regctl's.
func (a *Apply) remember(o *cluster.Object, set *fields) *cluster.Object {
	if text, err := set.ToJSON(); err == nil {
		annotate(o, patchedPrefix+a.Concern, string(text))
	}
	return o
}

// patched tells whether the object was last written by threeWay.
func (a *Apply) patched() bool {
	return a.Found != nil && a.Found.GetAnnotations()[patchedPrefix+a.Concern] != ""
}

// last are the fields that regctl has set: those noted, and those that the server itself knows of.
func (a *Apply) last() (*fields, error) {
	all := &fields{}
	if note := a.Found.GetAnnotations()[patchedPrefix+a.Concern]; note != "" {
		noted, err := parseFields([]byte(note))
		if err != nil {
			return nil, err
		}
		all = noted
	}
	for _, m := range a.Found.GetManagedFields() {
		if m.Manager != a.manager() || m.Operation != metav1.ManagedFieldsOperationApply || m.FieldsV1 == nil {
			continue
		}
		owned, err := parseFields(m.FieldsV1.GetRawBytes())
		if err != nil {
			return nil, err
		}
		all = all.Union(owned)
	}
	return all, nil
}

// handOver gives the fields of an object that was written by threeWay to server-side apply: they
// become those that were applied, so that no conflict with oneself arises and what is wanted no more goes.
func (a *Apply) handOver(ctx context.Context) error {
	if !a.patched() {
		return nil
	}
	err := retry.OnError(patience(), raced, func() (err error) {
		if a.Found, err = a.Client.Get(ctx, a.Ref()); err != nil || !a.patched() {
			return err
		}
		last, err := a.last()
		if err != nil {
			return err
		}
		to := a.Found.DeepCopy()
		remove(to.Object, "metadata", "annotations", patchedPrefix+a.Concern)
		remove(to.Object, "metadata", "annotations", otherwisePrefix+a.Concern)
		if err := a.own(to, last); err != nil {
			return err
		}
		_, err = patch(ctx, a.Client, a.Found, to, a.manager(), false)
		return err
	})
	return a.Client.Explain(a.String(), err)
}

// own writes fields down as applied by regctl, and as set by no other part of regctl for this concern.
func (a *Apply) own(o *cluster.Object, set *fields) error {
	text, err := set.ToJSON()
	if err != nil {
		return err
	}
	var managers []metav1.ManagedFieldsEntry
	for _, m := range o.GetManagedFields() {
		if m.Manager != a.manager() {
			managers = append(managers, m)
		}
	}
	o.SetManagedFields(append(managers, metav1.ManagedFieldsEntry{
		Manager: a.manager(), Operation: metav1.ManagedFieldsOperationApply, APIVersion: o.GetAPIVersion(),
		FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(string(text)),
	}))
	return nil
}
