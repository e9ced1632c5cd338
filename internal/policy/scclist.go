package policy

import (
	"fmt"
	"slices"

	"github.com/regctl/regctl/internal/cluster"
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
func (s SCC) edit(c *cluster.Client, gvk cluster.GVK, subjects []any, do func(*cluster.Object, any)) plan.Change {
	return &cluster.Edit{Client: c, Ref: cluster.Ref{GVK: gvk, Name: s.Name}, Do: func(o *cluster.Object) error {
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
