package policy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/pkg/hint"
)

const security = "security.openshift.io"

// SCC is who may run pods under a security context constraint of OpenShift.
type SCC struct {
	Name       string
	Subjects   Subjects
	Everywhere bool // in all namespaces; else in the client's, where the cluster can tell them apart
}

// AllowSCC is the changes after which a service account may run pods under a security context
// constraint in its namespace, and how that comes about, as a phrase to be said: "by …". A
// constraint that does not exist is an error that lists those that exist.
func AllowSCC(ctx context.Context, client *cluster.Client, scc, namespace, serviceAccount string) (changes []plan.Change, how string, err error) {
	in := *client
	in.Namespace = namespace
	return SCC{Name: scc, Subjects: Subjects{Accounts: []string{serviceAccount}}}.Add(ctx, &in)
}

// SCCKind is the kind of security context constraints.
func SCCKind() cluster.GVK {
	return cluster.GVK{Group: security, Version: "v1", Kind: "SecurityContextConstraints"}
}

// Add is the changes after which the subjects may, and how: by a role that may "use" the
// constraint where the cluster asks its roles, else by the lists of the constraint itself.
func (s SCC) Add(ctx context.Context, c *cluster.Client) (changes []plan.Change, how string, err error) {
	subjects, err := s.Subjects.list(c.Namespace)
	if err != nil {
		return nil, "", err
	}
	live, err := s.find(ctx, c)
	if err != nil {
		return nil, "", err
	}
	byRole, version, err := asksRoles(ctx, c)
	switch {
	case err != nil:
		return nil, "", err
	case live != nil && s.listed(live, subjects):
		return []plan.Change{s.edit(c, subjects, enlist)}, "by the user and group lists of scc/" + s.Name + ", which contain them already", nil
	case !byRole:
		how = fmt.Sprintf("by the user and group lists of scc/%s, for every namespace: this cluster (Kubernetes %s) does not support roles for security context constraints", s.Name, version)
		return []plan.Change{s.edit(c, subjects, enlist)}, how, nil
	}
	return s.byRole(ctx, c)
}

// byRole is the role, and its binding in the namespace or the whole cluster.
func (s SCC) byRole(ctx context.Context, c *cluster.Client) ([]plan.Change, string, error) {
	role, err := s.role(ctx, c)
	if err != nil {
		return nil, "", err
	}
	binding, err := s.binding().Add(ctx, c)
	if err != nil {
		return nil, "", err
	}
	where := "in namespace " + c.Namespace
	if s.Everywhere {
		where = "for every namespace"
	}
	return []plan.Change{role, binding}, fmt.Sprintf("by clusterrole/%s, %s", s.roleName(), where), nil
}

func (s SCC) roleName() string { return "system:openshift:scc:" + s.Name }

func (s SCC) binding() Binding {
	return Binding{Role: s.roleName(), Subjects: s.Subjects, Everywhere: s.Everywhere}
}

// role is the cluster role that may use the constraint. OpenShift 4 brings those of its own
// constraints; one that says something else is somebody's, and not replaced.
func (s SCC) role(ctx context.Context, c *cluster.Client) (plan.Change, error) {
	want := &cluster.Object{Object: map[string]any{
		"apiVersion": rbac + "/v1", "kind": "ClusterRole", "metadata": map[string]any{"name": s.roleName()},
		"rules": []any{map[string]any{
			"apiGroups": []any{security}, "resources": []any{"securitycontextconstraints"},
			"resourceNames": []any{s.Name}, "verbs": []any{"use"},
		}},
	}}
	live, err := c.Get(ctx, cluster.RefOf(want))
	if err != nil {
		return nil, err
	}
	if live != nil && !permits(live, "use", security, "securitycontextconstraints", s.Name) {
		return nil, hint.Errorf("kubectl get clusterrole "+s.roleName()+" -o yaml", "clusterrole/%s: exists, but does not grant use of scc/%s", s.roleName(), s.Name)
	}
	return &change.Make{Client: c, Object: want}, nil // no fields count: what is there does
}

// find reads the constraint; nil offline.
func (s SCC) find(ctx context.Context, c *cluster.Client) (*cluster.Object, error) {
	if c.Offline() {
		return nil, nil
	}
	served, err := c.Has(SCCKind())
	if err != nil {
		return nil, err
	}
	if !served {
		return nil, fmt.Errorf("scc/%s: this cluster has no security context constraints", s.Name)
	}
	live, err := c.Get(ctx, cluster.Ref{GVK: SCCKind(), Name: s.Name})
	switch {
	case hint.CodeOf(err) == hint.Denied:
		return nil, hint.NotAllowed(err, "ask a cluster admin to run this command: only admins can grant security context constraints")
	case err != nil || live != nil:
		return live, err
	}
	return nil, s.unknown(ctx, c)
}

// unknown names the constraints that there are.
func (s SCC) unknown(ctx context.Context, c *cluster.Client) error {
	all, err := c.List(ctx, SCCKind(), "")
	if err != nil {
		return err
	}
	var names []string
	for i := range all {
		names = append(names, all[i].GetName())
	}
	slices.Sort(names)
	err = fmt.Errorf("scc/%s: not found", s.Name)
	if len(names) > 0 {
		err = fmt.Errorf("%w; existing: %s", err, strings.Join(names, ", "))
	}
	return hint.New(err, "kubectl get securitycontextconstraints")
}

// asksRoles tells whether the cluster asks RBAC who may use a constraint: OpenShift does from
// 3.11, which is Kubernetes 1.11, on. No object of an older one says so, hence the version.
func asksRoles(ctx context.Context, c *cluster.Client) (yes bool, version string, err error) {
	if c.Offline() {
		return true, "", nil
	}
	major, minor, err := c.Version(ctx)
	return major > 1 || minor >= 11, fmt.Sprintf("%d.%d", major, minor), err
}
