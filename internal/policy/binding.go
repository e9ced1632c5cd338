package policy

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/pkg/hint"
)

// Binding is what "add-role-to-user" and its like are about, in the client's namespace or in all.
type Binding struct {
	Role          string
	RoleNamespace string // of a Role; "" for a ClusterRole
	Name          string // of the role binding; "" for one that exists for the role, else a new one
	Subjects      Subjects
	Everywhere    bool // by a ClusterRoleBinding
}

func (b Binding) gvk() cluster.GVK {
	kind := "RoleBinding"
	if b.Everywhere {
		kind = "ClusterRoleBinding"
	}
	return cluster.GVK{Group: rbac, Version: "v1", Kind: kind}
}

// refNamed is the full name of a binding.
func (b Binding) refNamed(c *cluster.Client, name string) cluster.Ref {
	r := cluster.Ref{GVK: b.gvk(), Name: name}
	if !b.Everywhere {
		r.Namespace = c.Namespace
	}
	return r
}

func (b Binding) ref() map[string]any {
	kind := "ClusterRole"
	if b.RoleNamespace != "" {
		kind = "Role"
	}
	return map[string]any{"apiGroup": rbac, "kind": kind, "name": b.Role}
}

// Check finds out whether the role exists. Whoever may not look learns it from the server when the binding is made.
func (b Binding) Check(ctx context.Context, c *cluster.Client) error {
	if b.RoleNamespace != "" && b.RoleNamespace != c.Namespace {
		return hint.BadUsage(fmt.Errorf("a role of namespace %s cannot be granted in namespace %s", b.RoleNamespace, c.Namespace), "-n "+b.RoleNamespace)
	}
	missing := func(kind, namespace string) bool {
		o, err := c.Get(ctx, cluster.Ref{GVK: cluster.GVK{Group: rbac, Version: "v1", Kind: kind}, Namespace: namespace, Name: b.Role})
		return err == nil && o == nil
	}
	switch {
	case c.Offline():
		return nil
	case b.RoleNamespace != "" && missing("Role", b.RoleNamespace):
		return hint.Errorf("kubectl get roles -n "+b.RoleNamespace, "role/%s: not found in namespace %s", b.Role, b.RoleNamespace)
	case b.RoleNamespace == "" && missing("ClusterRole", ""):
		return hint.Errorf(b.instead(!b.Everywhere && !missing("Role", c.Namespace), c.Namespace), "clusterrole/%s: not found", b.Role)
	}
	return nil
}

// Warning explains where a role does not grant what older instructions use it for; "" where it does.
func (b Binding) Warning(namespace string) string {
	user := slices.IndexFunc(b.Subjects.Users, func(name string) bool { return !strings.HasPrefix(name, accountPrefix) })
	if b.Role != "system:registry" || user < 0 {
		return ""
	}
	return fmt.Sprintf("system:registry is the registry's own role; to allow a user to push: regctl policy grant push --user %s -n %s", hint.Quote(b.Subjects.Users[user]), namespace)
}

// instead is what to type where there is no such cluster role.
func (b Binding) instead(role bool, namespace string) string {
	switch b.Role {
	case "system:image-puller", "registry-viewer":
		return "the role exists only on OpenShift; instead: regctl policy grant pull --user USER -n " + namespace
	case "system:image-pusher", "system:image-builder", "registry-editor", "system:registry":
		return "the role exists only on OpenShift; instead: regctl policy grant push --user USER -n " + namespace
	}
	if role {
		return "the namespace has a role of that name: add --role-namespace " + namespace
	}
	return "kubectl get clusterroles"
}

// Add is the change after which the subjects have the role.
func (b Binding) Add(ctx context.Context, c *cluster.Client) (plan.Change, error) {
	subjects, err := b.Subjects.list(c.Namespace)
	if err != nil {
		return nil, err
	}
	all, err := c.List(ctx, b.gvk(), "")
	if err != nil {
		return nil, err
	}
	found, err := b.choose(all, subjects)
	if err != nil {
		return nil, err
	}
	more := func(have []any) []any { return union(have, subjects) }
	if found != nil {
		return b.edit(c, found.GetName(), more), nil
	}
	o := &cluster.Object{Object: map[string]any{"roleRef": b.ref(), "subjects": subjects}}
	o.SetGroupVersionKind(b.gvk())
	o.SetName(b.freeName(all))
	o.SetNamespace(b.refNamed(c, "").Namespace)
	join := func(o *cluster.Object) error { // whoever was faster has made it for the same role, or nobody knows what for
		if !reflect.DeepEqual(o.Object["roleRef"], any(b.ref())) {
			return hint.Errorf("try again", "was created meanwhile for another role")
		}
		o.Object["subjects"] = more(subjectsOf(o))
		return nil
	}
	return &change.Make{Client: c, Fields: []string{"roleRef", "subjects"}, Object: o, Join: join}, nil
}

// choose finds the binding to add to: the named one, else one that has all the subjects, else any of the role.
func (b Binding) choose(all []cluster.Object, subjects []any) (*cluster.Object, error) {
	var found *cluster.Object
	for i := range all {
		o := &all[i]
		mine := reflect.DeepEqual(o.Object["roleRef"], any(b.ref()))
		switch {
		case b.Name != "" && o.GetName() != b.Name:
		case b.Name != "" && !mine:
			return nil, hint.Errorf("choose another --rolebinding-name", "%s/%s: already exists for another role", strings.ToLower(b.gvk().Kind), b.Name)
		case !mine:
		case len(union(subjectsOf(o), subjects)) == len(subjectsOf(o)):
			return o, nil
		case found == nil:
			found = o
		}
	}
	return found, nil
}

// freeName is ROLE, ROLE-0, ROLE-1, …
func (b Binding) freeName(all []cluster.Object) string {
	if b.Name != "" {
		return b.Name
	}
	name := b.Role
	for i := 0; slices.ContainsFunc(all, func(o cluster.Object) bool { return o.GetName() == name }); i++ {
		name = fmt.Sprintf("%s-%d", b.Role, i)
	}
	return name
}

// Remove is the changes after which the subjects do not have the role by a binding of this
// namespace or, with Everywhere, of the whole cluster, and what there was nothing to do about.
func (b Binding) Remove(ctx context.Context, c *cluster.Client) (changes []plan.Change, strange []string, err error) {
	subjects, err := b.Subjects.list(c.Namespace)
	if err != nil {
		return nil, nil, err
	}
	changes, had, err := b.take(ctx, c, subjects)
	where := " in namespace " + c.Namespace
	if b.Everywhere {
		where = " in the whole cluster"
	}
	for _, s := range without(subjects, had) {
		strange = append(strange, describe(s)+" does not have role "+strings.ToLower(b.ref()["kind"].(string))+"/"+b.Role+where)
	}
	return changes, strange, err
}

// take takes the subjects out of every binding of the role, and says who was in one.
func (b Binding) take(ctx context.Context, c *cluster.Client, subjects []any) (changes []plan.Change, had []any, err error) {
	if len(subjects) == 0 {
		return nil, nil, nil
	}
	all, err := c.List(ctx, b.gvk(), "")
	if err != nil {
		return nil, nil, err
	}
	for i := range all {
		o := &all[i]
		if !reflect.DeepEqual(o.Object["roleRef"], any(b.ref())) || b.Name != "" && o.GetName() != b.Name {
			continue
		}
		have := subjectsOf(o)
		rest := without(have, subjects)
		had = append(had, without(have, rest)...)
		switch {
		case len(rest) == 0 && len(have) > 0:
			changes = append(changes, &change.Delete{Client: c, Ref: b.refNamed(c, o.GetName()), As: o})
		case len(rest) < len(have):
			changes = append(changes, b.edit(c, o.GetName(), func(have []any) []any { return without(have, subjects) }))
		}
	}
	return changes, had, nil
}

func (b Binding) edit(c *cluster.Client, name string, to func(have []any) []any) plan.Change {
	return &change.Edit{Client: c, Ref: b.refNamed(c, name), Do: func(o *cluster.Object) error {
		o.Object["subjects"] = to(subjectsOf(o))
		return nil
	}}
}

func subjectsOf(o *cluster.Object) []any {
	list, _ := o.Object["subjects"].([]any)
	return list
}

func union(have, more []any) []any {
	all := slices.Clone(have)
	for _, s := range more {
		if !slices.ContainsFunc(all, same(s)) {
			all = append(all, s)
		}
	}
	return all
}

func without(have, less []any) []any {
	return slices.DeleteFunc(slices.Clone(have), func(s any) bool { return slices.ContainsFunc(less, same(s)) })
}
