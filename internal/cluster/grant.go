package cluster

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// lacking is the part of a refusal that says who may not do what; OpenShift 3 writes it without quotes and group.
func lacking() *regexp.Regexp {
	return regexp.MustCompile(`User "([^"]*)" cannot (\w+) (?:resource )?"?([a-z][a-z0-9./-]*)"?(?: in API group "([^"]*)")?(?: in the namespace "([^"]*)"| at the cluster scope)?`)
}

// grant is the command with which an admin grants the permission that a refusal names: the
// smallest of Kubernetes' own roles that has it, else a role of its own.
func grant(message string) string {
	m := lacking().FindStringSubmatch(message)
	if m == nil {
		return "ask a cluster admin for the permission"
	}
	user, verb, resource, group, namespace := hint.Quote(m[1]), m[2], m[3], m[4], m[5]
	if namespace != "" {
		if role := roleWith(resource, group); role != "" {
			return fmt.Sprintf("as an admin, run: regctl policy add-role-to-user %s %s -n %s", role, user, namespace)
		}
	}
	full, sub, _ := strings.Cut(resource, "/")
	if group != "" {
		full += "." + group
	}
	if sub != "" {
		full += "/" + sub
	}
	name := "regctl-" + verb + "-" + strings.ReplaceAll(resource, "/", "-")
	if namespace == "" {
		return fmt.Sprintf("as an admin, run: kubectl create clusterrole %[1]s --verb=%[2]s --resource=%[3]s && kubectl create clusterrolebinding %[1]s --clusterrole=%[1]s --user=%[4]s", name, verb, full, user)
	}
	return fmt.Sprintf("as an admin, run: kubectl create role %[1]s --verb=%[2]s --resource=%[3]s -n %[5]s && regctl policy add-role-to-user %[1]s %[4]s --role-namespace %[5]s -n %[5]s", name, verb, full, user, namespace)
}

// roleWith is the smallest of the roles edit and admin that may do everything with a resource of a namespace.
func roleWith(resource, group string) string {
	edit := map[string][]string{
		"": {
			"configmaps", "endpoints", "events", "persistentvolumeclaims", "pods", "pods/attach", "pods/exec", "pods/log",
			"pods/portforward", "replicationcontrollers", "secrets", "serviceaccounts", "services",
		},
		"apps":              {"daemonsets", "deployments", "deployments/scale", "replicasets", "statefulsets", "statefulsets/scale"},
		"batch":             {"cronjobs", "jobs"},
		"networking.k8s.io": {"ingresses", "networkpolicies"},
		"policy":            {"poddisruptionbudgets"},
		"autoscaling":       {"horizontalpodautoscalers"},
		// OpenShift's: its edit has these from the start
		"apps.openshift.io":  {"deploymentconfigs", "deploymentconfigs/scale"},
		"image.openshift.io": {"imagestreams", "imagestreamtags", "imagestreamimports"},
		"route.openshift.io": {"routes", "routes/custom-host"},
	}
	switch {
	case slices.Contains(edit[group], resource):
		return "edit"
	case group == "rbac.authorization.k8s.io" && (resource == "roles" || resource == "rolebindings"):
		return "admin"
	}
	return ""
}
