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

// Subjects are those to whom a role is given.
type Subjects struct {
	Users    []string // names as the API server knows them; system:serviceaccount:NAMESPACE:NAME is a service account
	Groups   []string
	Accounts []string // short names of service accounts of the role binding's own namespace
}

// list is each subject in the form of a role binding, once.
func (s Subjects) list(namespace string) ([]any, error) {
	var all []any
	add := func(subject map[string]any) {
		if !slices.ContainsFunc(all, same(subject)) {
			all = append(all, subject)
		}
	}
	for _, name := range s.Users {
		if rest, ok := strings.CutPrefix(name, accountPrefix); ok {
			ns, account, split := strings.Cut(rest, ":")
			if !split || ns == "" || account == "" || strings.ContainsAny(account, ":/") {
				return nil, hint.BadUsage(fmt.Errorf("%q: not a service account", name), "write it as "+accountPrefix+"NAMESPACE:NAME")
			}
			add(accountSubject(ns, account))
			continue
		}
		add(map[string]any{"kind": "User", "apiGroup": rbac, "name": name})
	}
	for _, name := range s.Groups {
		add(map[string]any{"kind": "Group", "apiGroup": rbac, "name": name})
	}
	for _, name := range s.Accounts {
		if strings.ContainsAny(name, ":/") {
			return nil, hint.BadUsage(fmt.Errorf("-z %s: must be the short name of a service account in namespace %s", name, namespace), "specify other service accounts as users: "+AccountUser("", name))
		}
		add(accountSubject(namespace, name))
	}
	if len(all) == 0 {
		return nil, hint.BadUsage(errors.New("no user, group or service account given"), "specify a user, or add -z NAME for a service account")
	}
	if slices.ContainsFunc(all, func(s any) bool { return s.(map[string]any)["name"] == "" }) {
		return nil, hint.BadUsage(errors.New("a name must not be empty"), "")
	}
	return all, nil
}

// Abroad turns accounts that are named with their namespace, shop:builder or shop/builder,
// into users by the names under which the API server knows them.
func (s Subjects) Abroad() Subjects {
	all := Subjects{Users: slices.Clone(s.Users), Groups: s.Groups}
	for _, name := range s.Accounts {
		if strings.ContainsAny(name, ":/") {
			all.Users = append(all.Users, AccountUser("", name))
		} else {
			all.Accounts = append(all.Accounts, name)
		}
	}
	return all
}

// Strangers says of which subjects the cluster knows nothing, a line each: a role can be given
// beforehand, but often the name is wrong. Users and groups are known to OpenShift alone.
func (s Subjects) Strangers(ctx context.Context, c *cluster.Client) []string {
	all, err := s.list(c.Namespace)
	if err != nil || c.Offline() {
		return nil
	}
	missing := func(gvk cluster.GVK, namespace, name string) bool {
		if served, err := c.Has(gvk); err != nil || !served {
			return false
		}
		o, err := c.Get(ctx, cluster.Ref{GVK: gvk, Namespace: namespace, Name: name})
		return err == nil && o == nil // whoever may not look is not warned
	}
	var lines []string
	for _, one := range all {
		subject := one.(map[string]any)
		kind, name := subject["kind"].(string), subject["name"].(string)
		namespace, _ := subject["namespace"].(string)
		switch {
		case kind == "ServiceAccount":
			if missing(cluster.CoreKind(kind), namespace, name) {
				lines = append(lines, fmt.Sprintf("serviceaccount/%s does not exist yet in namespace %s", name, namespace))
			}
		case strings.Contains(name, ":"): // system:authenticated, kube:admin
		case missing(cluster.GVK{Group: "user.openshift.io", Version: "v1", Kind: kind}, "", name):
			line := describe(one) + " does not exist yet"
			if kind == "User" {
				line += ": OpenShift creates users when they first log in"
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// AccountUser is the name under which the API server knows a service account: of the namespace,
// or of another, as shop:builder, shop/builder or the name that is asked for itself.
func AccountUser(namespace, account string) string {
	account = strings.TrimPrefix(account, accountPrefix)
	if other, name, split := strings.Cut(strings.Replace(account, "/", ":", 1), ":"); split {
		namespace, account = other, name
	}
	return accountPrefix + namespace + ":" + account
}

const accountPrefix = "system:serviceaccount:"

func accountSubject(namespace, name string) map[string]any {
	return map[string]any{"kind": "ServiceAccount", "name": name, "namespace": namespace}
}

// same compares subjects by what counts in them.
func same(one any) func(any) bool {
	return func(other any) bool {
		a, _ := one.(map[string]any)
		b, _ := other.(map[string]any)
		return a["kind"] == b["kind"] && a["name"] == b["name"] && a["namespace"] == b["namespace"]
	}
}

func describe(subject any) string {
	s, _ := subject.(map[string]any)
	switch kind, name := s["kind"], s["name"]; kind {
	case "ServiceAccount":
		return fmt.Sprintf("serviceaccount/%s in namespace %s", name, s["namespace"])
	default:
		return fmt.Sprintf("%s %q", strings.ToLower(fmt.Sprint(kind)), name)
	}
}
