package policy

import (
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
)

// permits tells whether the rules of a Role or ClusterRole grant a permission on the named object
// or, with name "", to all of them.
func permits(role *cluster.Object, verb, group, resource, name string) bool {
	rules, _ := role.Object["rules"].([]any)
	return slices.ContainsFunc(rules, func(one any) bool {
		r, _ := one.(map[string]any)
		has := func(field string, values ...string) bool {
			all, _ := r[field].([]any)
			return slices.ContainsFunc(append(values, "*"), func(v string) bool { return slices.Contains(all, any(v)) })
		}
		resources := []string{resource}
		if _, sub, ok := strings.Cut(resource, "/"); ok {
			resources = append(resources, "*/"+sub)
		}
		names, _ := r["resourceNames"].([]any)
		return has("apiGroups", group) && has("resources", resources...) && has("verbs", verb) &&
			(len(names) == 0 || slices.Contains(names, any(name)))
	})
}

// grants tells whether a role grants all of the permissions on images.
func grants(role *cluster.Object, rights []Right) bool {
	return !slices.ContainsFunc(rights, func(r Right) bool { return !permits(role, r.Verb, Group, r.Resource, "") })
}
