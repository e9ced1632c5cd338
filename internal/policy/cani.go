package policy

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/pkg/hint"
)

// Question is whether somebody may do something with a repository.
type Question struct {
	Action        string // pull, push or delete
	Project, Name string
	User          string // "" is who asks
	Groups        []string
}

// Answer is which rights are missing; none means yes.
type Answer struct {
	Allowed bool    `json:"allowed"`
	Missing []Right `json:"missing"`
	User    string  `json:"user,omitempty"` // whom it is about, where that is known
}

// Ask asks the API server for each right that the action needs.
func (q Question) Ask(ctx context.Context, c *cluster.Client) (*Answer, error) {
	rights, err := Needs(q.Action)
	if err != nil {
		return nil, err
	}
	ns, err := c.Get(ctx, cluster.Ref{GVK: cluster.CoreKind("Namespace"), Name: q.Project})
	if err == nil && ns == nil { // whoever may not look gets an answer all the same
		return nil, hint.Errorf("kubectl create namespace "+q.Project, "namespace/%s: not found, so there can be no %s in it", q.Project, q.Name)
	}
	a := &Answer{Missing: []Right{}, User: q.User}
	for _, r := range rights {
		if r == (Right{"create", streams}) && q.exists(ctx, c) {
			continue
		}
		ok, err := q.may(ctx, c, r)
		if err != nil {
			return nil, err
		}
		if !ok {
			a.Missing = append(a.Missing, r)
		}
	}
	a.Allowed = len(a.Missing) == 0
	if a.User == "" && !a.Allowed {
		a.User = self(ctx, c)
	}
	return a, nil
}

// exists tells whether the repository is there already, which only an OpenShift knows.
func (q Question) exists(ctx context.Context, c *cluster.Client) bool {
	gvk := cluster.GVK{Group: Group, Version: "v1", Kind: "ImageStream"}
	if served, err := c.Has(gvk); err != nil || !served {
		return false
	}
	o, err := c.Get(ctx, cluster.Ref{GVK: gvk, Namespace: q.Project, Name: q.Name})
	return err == nil && o != nil
}

func (q Question) may(ctx context.Context, c *cluster.Client, r Right) (bool, error) {
	resource, sub, _ := strings.Cut(r.Resource, "/")
	attributes := map[string]any{"namespace": q.Project, "name": q.Name, "verb": r.Verb, "group": Group, "resource": resource}
	if sub != "" {
		attributes["subresource"] = sub
	}
	if r.Verb == "create" {
		delete(attributes, "name") // nobody can be given the right to create by name
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
