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

// Unauthenticated is the group of those who have not logged in.
const Unauthenticated = "system:unauthenticated"

// Grant is what a subject is allowed to do with the images of the client's namespace.
type Grant struct {
	Intent   string // pull, push or admin
	Subjects Subjects
	Own      bool // by a role of the namespace, even where the cluster has roles for it, as OpenShift has
	Theirs   bool // by a role of OpenShift, without asking the server: for plans
	Force    bool // take over fields of the role that others own
}

// roles are those of OpenShift's roles that do what an intent needs, the one that gives least first, and why it is that one.
func roles(intent string) (names []string, why string) {
	switch intent {
	case "pull":
		return []string{"system:image-puller", "registry-viewer"}, "grants only pull; registry-viewer also grants list and get of image streams"
	case "push":
		return []string{"system:image-builder", "registry-editor"}, "grants push including the first push of an image, unlike system:image-pusher; registry-editor also grants writing secrets and service accounts"
	}
	return []string{"registry-admin"}, "grants push, deleting image streams and granting roles; deleting images requires the cluster role system:image-pruner"
}

// needs are the permissions of an intent.
func needs(intent string) []Right {
	if intent == "pull" {
		return []Right{{"get", layers}}
	}
	all := []Right{{"get", layers}, {"update", layers}, {"create", streams}}
	if intent == "admin" {
		all = append(all, Right{"delete", streams})
	}
	return all
}

// Granted is what a grant comes to.
type Granted struct {
	Changes  []plan.Change
	How      string   // which of the cluster's roles gives it, and why that one; or for which registries it counts
	Warnings []string // what to think about before it is done
}

// Plan is the changes after which it is so.
func (g Grant) Plan(ctx context.Context, c *cluster.Client) (*Granted, error) {
	own, err := Role(c.Namespace, g.Intent)
	if err != nil {
		return nil, err
	}
	role, how, err := g.theirs(ctx, c)
	if err != nil {
		return nil, err
	}
	b := Binding{Role: role, Subjects: g.Subjects}
	all := &Granted{How: how}
	if role == "" {
		all.How = "the grant applies only to registries that use the cluster's authorization; those that \"regctl registry deploy\" creates here use a password file: regctl registry status"
		b.Role, b.RoleNamespace = RoleName(g.Intent), c.Namespace
		all.Changes = append(all.Changes, &change.Apply{Client: c, Object: own, Concern: "policy", Force: g.Force})
	}
	binding, err := b.Add(ctx, c)
	if err != nil {
		return nil, err
	}
	all.Changes = append(all.Changes, binding)
	all.Warnings = g.Subjects.Strangers(ctx, c)
	if slices.Contains(g.Subjects.Groups, Unauthenticated) {
		all.Warnings = append(all.Warnings, fmt.Sprintf("everyone who can reach the registry can %s images of %s without a login; to undo it: %s", g.Intent, c.Namespace, b.undo(c.Namespace)))
	}
	return all, nil
}

// undo is the command that takes the role from everybody without a login.
func (b Binding) undo(namespace string) string {
	command := fmt.Sprintf("regctl policy remove-role-from-group %s %s -n %s", b.Role, Unauthenticated, namespace)
	if b.RoleNamespace != "" {
		command += " --role-namespace " + b.RoleNamespace
	}
	return command
}

// theirs is the first of OpenShift's roles that gives all that is needed: what is in them has
// changed from version to version. "" where there is none.
func (g Grant) theirs(ctx context.Context, c *cluster.Client) (role, how string, err error) {
	names, why := roles(g.Intent)
	served, err := OpenShift(c)
	switch {
	case err != nil, g.Own, !served && !g.Theirs:
		return "", "", err
	case c.Offline():
		return names[0], names[0] + ": " + why, nil
	}
	for i, name := range names {
		o, err := c.Get(ctx, cluster.Ref{GVK: cluster.GVK{Group: rbac, Version: "v1", Kind: "ClusterRole"}, Name: name})
		switch {
		case hint.CodeOf(err) == hint.Denied: // whoever may not look is told by the server when the binding is made
		case err != nil:
			return "", "", err
		case o == nil || !grants(o, needs(g.Intent)):
			continue
		}
		if i > 0 {
			why = fmt.Sprintf("%s of this cluster does not exist or does not grant it", strings.Join(names[:i], ", "))
		}
		return name, name + ": " + why, nil
	}
	return "", fmt.Sprintf("%s: a role in the namespace, since no cluster role grants it (%s)", RoleName(g.Intent), strings.Join(names, ", ")), nil
}

// OpenShift tells whether a cluster has image streams, whose permissions its registry checks.
func OpenShift(c *cluster.Client) (bool, error) {
	return c.Has(cluster.GVK{Group: Group, Version: "v1", Kind: "ImageStream"})
}
