package policy

import (
	"context"
	"fmt"
	"slices"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
)

// listName is the list of a constraint that a subject stands in, and its name there.
func listName(subject any) (list, name string) {
	s, _ := subject.(map[string]any)
	switch s["kind"] {
	case "Group":
		return "groups", fmt.Sprint(s["name"])
	case "ServiceAccount":
		return "users", fmt.Sprintf("%s%s:%s", accountPrefix, s["namespace"], s["name"])
	}
	return "users", fmt.Sprint(s["name"])
}

func inList(o *cluster.Object, subject any) bool {
	list, name := listName(subject)
	have, _ := o.Object[list].([]any)
	return slices.Contains(have, any(name))
}

// listed tells whether all subjects are in the lists of the constraint.
func (s SCC) listed(o *cluster.Object, subjects []any) bool {
	return !slices.ContainsFunc(subjects, func(one any) bool { return !inList(o, one) })
}

// edit is a change of the constraint's lists, which others write to as well.
func (s SCC) edit(c *cluster.Client, subjects []any, do func(*cluster.Object, any)) plan.Change {
	return &change.Edit{Client: c, Ref: cluster.Ref{GVK: SCCKind(), Name: s.Name}, Do: func(o *cluster.Object) error {
		for _, subject := range subjects {
			do(o, subject)
		}
		return nil
	}}
}

func enlist(o *cluster.Object, subject any) {
	if !inList(o, subject) {
		list, name := listName(subject)
		have, _ := o.Object[list].([]any)
		o.Object[list] = append(slices.Clone(have), name)
	}
}

func delist(o *cluster.Object, subject any) {
	if inList(o, subject) {
		list, name := listName(subject)
		have, _ := o.Object[list].([]any)
		o.Object[list] = slices.DeleteFunc(slices.Clone(have), func(one any) bool { return one == name })
	}
}

// Remove is the changes after which the subjects may not, by what names them: bindings of the
// constraint's role, and its own lists. Users and groups lose what they have in the one
// namespace or, with Everywhere, in all; a service account is of one namespace and loses both.
// Strange is who had nothing to lose.
func (s SCC) Remove(ctx context.Context, c *cluster.Client) (changes []plan.Change, strange []string, err error) {
	subjects, err := s.Subjects.list(c.Namespace)
	if err != nil {
		return nil, nil, err
	}
	live, err := s.find(ctx, c)
	if err != nil || live == nil {
		return nil, nil, err
	}
	byRole, _, err := asksRoles(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	left := subjects
	for _, everywhere := range []bool{false, true} {
		b := s.binding()
		b.Everywhere = everywhere
		taken, had, err := b.take(ctx, c, s.affected(subjects, everywhere == s.Everywhere))
		if err != nil {
			return nil, nil, err
		}
		changes, left = append(changes, taken...), without(left, had)
	}
	in := slices.DeleteFunc(s.affected(subjects, s.Everywhere || !byRole), func(one any) bool { return !inList(live, one) })
	if len(in) > 0 {
		changes = append(changes, s.edit(c, in, delist))
	}
	for _, one := range without(left, in) {
		strange = append(strange, describe(one)+" is not listed in scc/"+s.Name)
	}
	return changes, strange, nil
}

// affected are all subjects, or the service accounts alone.
func (s SCC) affected(subjects []any, all bool) []any {
	return slices.DeleteFunc(slices.Clone(subjects), func(one any) bool {
		return !all && one.(map[string]any)["kind"] != "ServiceAccount"
	})
}
