package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

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
			if !split || ns == "" || account == "" {
				return nil, hint.BadUsage(fmt.Errorf("%q is no service account", name), "write it as "+accountPrefix+"NAMESPACE:NAME")
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
			return nil, hint.BadUsage(fmt.Errorf("-z %s: takes the short name of a service account of namespace %s", name, namespace), "name others as a user: "+accountPrefix+"NAMESPACE:NAME")
		}
		add(accountSubject(namespace, name))
	}
	if len(all) == 0 {
		return nil, hint.BadUsage(errors.New("no user, group or service account given"), "name a user, or a service account with -z NAME")
	}
	if slices.ContainsFunc(all, func(s any) bool { return s.(map[string]any)["name"] == "" }) {
		return nil, hint.BadUsage(errors.New("a name is empty"), "")
	}
	return all, nil
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
		return fmt.Sprintf("serviceaccount/%s of namespace %s", name, s["namespace"])
	default:
		return fmt.Sprintf("%s %q", strings.ToLower(fmt.Sprint(kind)), name)
	}
}
