// Package policy says who may pull and push, in the terms of Kubernetes' RBAC.
//
// A registry that asks the cluster (as OpenShift's does) checks these permissions, all of them
// in the API group image.openshift.io, in the namespace that is the first part of the
// repository's name, so that OpenShift's own roles (system:image-puller, system:image-builder,
// registry-editor, …) mean the same there. The group need not be served by the cluster: RBAC compares names.
//
//	pull         get imagestreams/layers
//	push         get and update imagestreams/layers
//	first push   create imagestreams, besides: the repository is made
//	delete       delete imagestreams; in OpenShift's registry delete images, of the whole cluster
//	catalog      list imagestreams, in the whole cluster
package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/pkg/hint"
)

// Group is the API group of the permissions on images.
const Group = "image.openshift.io"

const rbac = "rbac.authorization.k8s.io"

// Right is one permission of a user of a registry.
type Right struct {
	Verb     string `json:"verb"`     // get, update, create, delete
	Resource string `json:"resource"` // imagestreams, imagestreams/layers or images
}

// String is "get imagestreams/layers".
func (r Right) String() string { return r.Verb + " " + r.Resource }

const (
	streams = "imagestreams"
	layers  = "imagestreams/layers"
	images  = "images" // of the whole cluster
)

// Needs are the permissions that an action (pull, push, delete) requires.
func Needs(action string) ([]Right, error) {
	switch action {
	case "pull":
		return []Right{{"get", layers}}, nil
	case "push":
		return []Right{{"get", layers}, {"update", layers}, {"create", streams}}, nil
	case "delete":
		return []Right{{"delete", streams}}, nil
	}
	return nil, hint.BadUsage(fmt.Errorf("%q: must be pull, push or delete", action), "regctl policy can-i push PROJECT/NAME")
}

// RoleName is the name of the role that grants an intent: registry-pull.
func RoleName(intent string) string { return "registry-" + intent }

// Role is the role of a namespace that grants an intent: pull, push (with the first
// push of an image) or admin (with listing and deleting).
func Role(namespace, intent string) (*cluster.Object, error) {
	var rules []any
	switch intent {
	case "pull":
		rules = []any{rule(layers, "get")}
	case "push":
		rules = []any{rule(layers, "get", "update"), rule(streams, "create")}
	case "admin":
		rules = []any{rule(layers, "get", "update"), rule(streams, "create", "delete", "get", "list", "patch", "update", "watch")}
	default:
		return nil, hint.BadUsage(fmt.Errorf("%q: must be pull, push or admin", intent), "regctl policy grant pull --user USER -n PROJECT")
	}
	return &cluster.Object{Object: map[string]any{
		"apiVersion": rbac + "/v1", "kind": "Role",
		"metadata": map[string]any{"name": RoleName(intent), "namespace": namespace}, "rules": rules,
	}}, nil
}

func rule(resource string, verbs ...string) any {
	all := []any{}
	for _, v := range verbs {
		all = append(all, v)
	}
	return map[string]any{"apiGroups": []any{Group}, "resources": []any{resource}, "verbs": all}
}

// Repository splits PROJECT/NAME, of which a tag or digest is taken off.
func Repository(arg string) (project, name string, err error) {
	arg, _, _ = strings.Cut(arg, "@")
	parts := strings.Split(arg, "/")
	if host := parts[0]; len(parts) > 2 && strings.ContainsAny(host, ".:") {
		return "", "", hint.BadUsage(fmt.Errorf("%s: %s is a host, not a project", arg, host), "omit the host: "+strings.Join(parts[1:], "/"))
	}
	parts[len(parts)-1], _, _ = strings.Cut(parts[len(parts)-1], ":")
	if len(parts) < 2 || slices.Contains(parts, "") {
		return "", "", hint.BadUsage(fmt.Errorf("%q is not PROJECT/NAME", arg), "add the project, which is the image's namespace: web/"+strings.Trim(arg, "/"))
	}
	return parts[0], strings.Join(parts[1:], "/"), nil
}
