package policy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/pkg/hint"
)

// Question is whether a user can do something with a repository.
type Question struct {
	Action        string // pull, push or delete
	Project, Name string
	User          string // "" is who asks
	Groups        []string
}

// Answer is which permissions are missing; none means yes.
type Answer struct {
	Allowed bool    `json:"allowed"`
	Missing []Right `json:"missing"`
	User    string  `json:"user,omitempty"` // whom it is about, where that is known
	Note    string  `json:"note,omitempty"` // what else is to be known about the answer
}

// Ask asks the API server about each permission that the action requires.
func (q Question) Ask(ctx context.Context, c *cluster.Client) (*Answer, error) {
	openshift, err := OpenShift(c)
	if err != nil {
		return nil, err
	}
	rights, err := q.rights(openshift)
	if err != nil {
		return nil, err
	}
	if err := q.findProject(ctx, c, openshift); err != nil {
		return nil, err
	}
	if openshift && q.User != "" {
		q.Groups = append(q.Groups, q.groupsOf(ctx, c)...)
	}
	a := &Answer{Missing: []Right{}, User: q.User}
	for _, r := range rights {
		if err := q.add(ctx, c, a, r, openshift); err != nil {
			return nil, err
		}
	}
	if a.Allowed = len(a.Missing) == 0; !a.Allowed && openshift && q.Action == "pull" {
		q.tryAnonymous(ctx, c, a)
	}
	if a.User == "" && len(q.Groups) == 0 && !a.Allowed {
		a.User = self(ctx, c)
	}
	return a, nil
}

// GrantCommand is the command that grants what is missing.
func (q Question) GrantCommand(a *Answer) string {
	group, who := a.User == "" && len(q.Groups) > 0, a.User
	switch {
	case group:
		who = q.Groups[0]
	case who == "":
		who = "USER"
	}
	if slices.Contains(a.Missing, Right{"delete", images}) {
		return fmt.Sprintf("regctl policy add-cluster-role-to-%s system:image-pruner %s", map[bool]string{true: "group", false: "user"}[group], hint.Quote(who))
	}
	intent, flag := q.Action, "--user "
	if intent == "delete" {
		intent = "admin"
	}
	if group {
		flag = "--group "
	}
	flag += hint.Quote(who)
	if who == "system:anonymous" {
		flag = "--anonymous"
	}
	return fmt.Sprintf("regctl policy grant %s %s -n %s", intent, flag, q.Project)
}

// rights are the permissions that the registry checks; OpenShift's deletes images of the whole cluster.
func (q Question) rights(openshift bool) ([]Right, error) {
	if !openshift {
		return Needs(q.Action)
	}
	if strings.Contains(q.Name, "/") {
		return nil, hint.BadUsage(fmt.Errorf("%q is not PROJECT/NAME", q.Project+"/"+q.Name), "OpenShift's registry requires exactly two parts: "+q.Project+"/"+strings.ReplaceAll(q.Name, "/", "-"))
	}
	if q.Action == "delete" {
		return []Right{{"delete", images}}, nil
	}
	return Needs(q.Action)
}

// findProject is an error where the project does not exist; whoever may not look gets an answer all the same.
func (q Question) findProject(ctx context.Context, c *cluster.Client, openshift bool) error {
	ns, err := c.Get(ctx, cluster.Ref{GVK: cluster.CoreKind("Namespace"), Name: q.Project})
	if err != nil || ns != nil {
		return nil //nolint:nilerr // an answer without having looked
	}
	advice := "kubectl create namespace " + q.Project
	if openshift {
		advice = "oc new-project " + q.Project
	}
	return hint.Errorf(advice, "namespace/%s: not found, so %s does not exist", q.Project, q.Name)
}

// add checks one permission, and notes where it is missing.
func (q Question) add(ctx context.Context, c *cluster.Client, a *Answer, r Right, openshift bool) error {
	made, hidden := false, false
	if openshift && r == (Right{"create", streams}) {
		if made, hidden = q.exists(ctx, c); made {
			return nil
		}
	}
	ok, err := q.may(ctx, c, r)
	if err != nil || ok {
		return err
	}
	a.Missing = append(a.Missing, r)
	if hidden && len(a.Missing) == 1 {
		a.Note = "the first push also requires create imagestreams; you lack permission to check whether the image stream exists"
	}
	return nil
}

// exists tells whether the image stream exists already, or cannot be seen.
func (q Question) exists(ctx context.Context, c *cluster.Client) (found, hidden bool) {
	o, err := c.Get(ctx, cluster.Ref{GVK: cluster.GVK{Group: Group, Version: "v1", Kind: "ImageStream"}, Namespace: q.Project, Name: q.Name})
	return o != nil && err == nil, err != nil
}

// tryAnonymous allows a pull that OpenShift's registry allows to everyone: it asks a second time as system:anonymous.
func (q Question) tryAnonymous(ctx context.Context, c *cluster.Client, a *Answer) {
	q.User, q.Groups = "system:anonymous", nil
	if ok, err := q.may(ctx, c, Right{"get", layers}); err == nil && ok { // most may not ask for others
		a.Allowed, a.Missing, a.Note = true, []Right{}, "anonymous pull is granted"
	}
}

// groupsOf are the groups in which OpenShift puts a user; none where they may not be seen.
func (q Question) groupsOf(ctx context.Context, c *cluster.Client) []string {
	gvk := cluster.GVK{Group: "user.openshift.io", Version: "v1", Kind: "Group"}
	if served, err := c.Has(gvk); err != nil || !served || strings.HasPrefix(q.User, "system:") {
		return nil
	}
	names := []string{"system:authenticated:oauth"}
	all, err := c.List(ctx, gvk, "")
	for i := range all {
		if users, _ := all[i].Object["users"].([]any); err == nil && slices.Contains(users, any(q.User)) {
			names = append(names, all[i].GetName())
		}
	}
	return names
}

func (q Question) may(ctx context.Context, c *cluster.Client, r Right) (bool, error) {
	resource, sub, _ := strings.Cut(r.Resource, "/")
	attributes := map[string]any{"namespace": q.Project, "name": q.Name, "verb": r.Verb, "group": Group, "resource": resource}
	if sub != "" {
		attributes["subresource"] = sub
	}
	if r.Verb == "create" || r.Resource == images {
		delete(attributes, "name") // nobody can be given the right to create by name
	}
	if r.Resource == images {
		delete(attributes, "namespace")
	}
	kind, spec := "SelfSubjectAccessReview", map[string]any{"resourceAttributes": attributes}
	if q.User != "" || len(q.Groups) > 0 {
		kind, spec["user"], spec["groups"] = "SubjectAccessReview", q.User, q.groups()
	}
	out, err := c.Review(ctx, &cluster.Object{Object: map[string]any{"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec}})
	if err != nil {
		return false, err
	}
	status, _ := out.Object["status"].(map[string]any)
	if why, _ := status["evaluationError"].(string); why != "" && status["allowed"] != true {
		return false, fmt.Errorf("%s: %w", kind, errors.New(why))
	}
	return status["allowed"] == true, nil
}

// groups are those given, and those in which the API server puts every user or service account.
func (q Question) groups() []any {
	all := []any{}
	for _, g := range q.Groups {
		all = append(all, g)
	}
	if rest, ok := strings.CutPrefix(q.User, accountPrefix); ok {
		namespace, _, _ := strings.Cut(rest, ":")
		all = append(all, "system:serviceaccounts", "system:serviceaccounts:"+namespace)
	}
	if q.User == "system:anonymous" {
		return append(all, "system:unauthenticated")
	}
	return append(all, "system:authenticated")
}

// self is the name of who asks, "" where the server cannot say.
func self(ctx context.Context, c *cluster.Client) string {
	out, err := c.Review(ctx, &cluster.Object{Object: map[string]any{"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}})
	if err != nil {
		return ""
	}
	status, _ := out.Object["status"].(map[string]any)
	info, _ := status["userInfo"].(map[string]any)
	name, _ := info["username"].(string)
	return name
}
