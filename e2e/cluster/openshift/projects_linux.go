package openshift

import (
	"context"
	"strings"

	projectv1 "github.com/openshift/api/project/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func projects() schema.GroupVersionResource { return kindOf("project.openshift.io", "projects") }

// projects keeps a Project for each namespace, and in each one that is not the
// system's the service accounts and bindings that OpenShift makes.
func (p *player) projects() controller {
	return controller{name: "projects", kinds: []schema.GroupVersionResource{core("namespaces"), projects()}, sync: func(ctx context.Context) error {
		namespaces, err := all[corev1.Namespace](ctx, p, core("namespaces"), "")
		if err != nil {
			return err
		}
		list, err := all[projectv1.Project](ctx, p, projects(), "")
		if err != nil {
			return err
		}
		left := map[string]bool{}
		for _, project := range list {
			left[project.Name] = true
		}
		for _, ns := range namespaces {
			if ns.DeletionTimestamp == nil && !left[ns.Name] {
				if err := p.project(ctx, ns); err != nil {
					return err
				}
			}
			delete(left, ns.Name)
		}
		for name := range left {
			if err := p.remove(ctx, projects(), "", name); err != nil {
				return err
			}
		}
		return nil
	}}
}

// project makes what belongs to a new namespace; the Project comes last, so that all is there when it is.
func (p *player) project(ctx context.Context, ns *corev1.Namespace) error {
	if !strings.HasPrefix(ns.Name, "kube-") {
		for _, account := range []string{"builder", "deployer"} {
			if err := p.apply(ctx, core("serviceaccounts"), object{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": object{"name": account, "namespace": ns.Name}}); err != nil {
				return err
			}
		}
		account := func(name string) object { return object{"kind": "ServiceAccount", "name": name, "namespace": ns.Name} }
		pullers := object{"kind": "Group", "apiGroup": rbac, "name": "system:serviceaccounts:" + ns.Name}
		for name, subject := range map[string]object{"image-puller": pullers, "image-builder": account("builder"), "deployer": account("deployer")} {
			if err := p.apply(ctx, kindOf(rbac, "rolebindings"), binding(ns.Name, name, subject)); err != nil {
				return err
			}
		}
	}
	return p.apply(ctx, projects(), object{
		"apiVersion": "project.openshift.io/v1", "kind": "Project", "metadata": object{"name": ns.Name, "labels": ns.Labels, "annotations": ns.Annotations},
		"spec": object{"finalizers": []string{"kubernetes"}},
	})
}

const rbac = "rbac.authorization.k8s.io"

// binding binds system:ROLE as OpenShift names it: system:ROLEs.
func binding(namespace, role string, subject object) object {
	return object{
		"apiVersion": rbac + "/v1", "kind": "RoleBinding", "metadata": object{"name": "system:" + role + "s", "namespace": namespace},
		"roleRef":  object{"apiGroup": rbac, "kind": "ClusterRole", "name": "system:" + role},
		"subjects": []object{subject},
	}
}
