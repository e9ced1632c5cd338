package openshift

import (
	"cmp"
	"context"
	"fmt"

	imageregistryv1 "github.com/openshift/api/imageregistry/v1"
	routev1 "github.com/openshift/api/route/v1"
	corev1 "k8s.io/api/core/v1"
)

// registryLabels are on what belongs to the registry.
func registryLabels() object { return object{"docker-registry": "default"} }

func registryMeta(name string) object {
	return object{"name": name, "namespace": registryNamespace, "labels": registryLabels(), "annotations": object{operatorMark: "true"}}
}

func (p *player) service(ctx context.Context, _ *imageregistryv1.Config) error {
	return p.apply(ctx, core("services"), object{
		"apiVersion": "v1", "kind": "Service", "metadata": registryMeta(registryName),
		"spec": object{"selector": registryLabels(), "ports": []object{{"name": "5000-tcp", "port": 5000, "protocol": "TCP", "targetPort": 5000}}},
	})
}

func (p *player) deployment(ctx context.Context, cr *imageregistryv1.Config) error {
	s := cr.Spec
	volume := object{"name": "registry-storage", "emptyDir": object{}}
	if s.Storage.PVC != nil {
		volume = object{"name": "registry-storage", "persistentVolumeClaim": object{"claimName": s.Storage.PVC.Claim}}
	}
	container := object{
		"name": "registry", "image": "quay.io/openshift/origin-docker-registry:4.18", "ports": []object{{"containerPort": 5000}},
		"env": []object{
			{"name": "REGISTRY_STORAGE_MAINTENANCE_READONLY", "value": fmt.Sprintf(`{"enabled":%t}`, s.ReadOnly)},
			{"name": "REGISTRY_STORAGE_REDIRECT_DISABLE", "value": fmt.Sprint(s.DisableRedirect)},
		},
		"volumeMounts": []object{{"name": "registry-storage", "mountPath": "/registry"}},
	}
	if s.Resources != nil {
		container["resources"] = s.Resources
	}
	strategy := object{"type": cmp.Or(s.RolloutStrategy, "RollingUpdate")}
	if strategy["type"] == "RollingUpdate" { // said, so that it goes when it is not wanted any more
		strategy["rollingUpdate"] = object{"maxUnavailable": "25%", "maxSurge": "25%"}
	}
	return p.apply(ctx, deployments(), object{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": registryMeta(registryName),
		"spec": object{
			"replicas": s.Replicas, "strategy": strategy, "selector": object{"matchLabels": registryLabels()},
			"template": object{
				"metadata": object{"labels": registryLabels()},
				"spec": object{
					"containers": []object{container}, "volumes": []object{volume},
					"nodeSelector": s.NodeSelector, "tolerations": s.Tolerations,
				},
			},
		},
	})
}

// routes makes the default route and the others, and removes those that are not asked for any more.
func (p *player) routes(ctx context.Context, cr *imageregistryv1.Config) error {
	wanted := cr.Spec.Routes
	if cr.Spec.DefaultRoute {
		wanted = append([]imageregistryv1.ImageRegistryConfigRoute{{Name: defaultRoute}}, wanted...)
	}
	keep := map[string]bool{}
	for _, r := range wanted {
		if err := p.route(ctx, r); err != nil {
			return fmt.Errorf("unable to apply objects: failed to create object *v1.Route, Namespace=%s, Name=%s: %w", registryNamespace, r.Name, err)
		}
		keep[r.Name] = true
	}
	return p.keepRoutes(ctx, keep)
}

func (p *player) route(ctx context.Context, r imageregistryv1.ImageRegistryConfigRoute) error {
	tls := object{"termination": "reencrypt"}
	if r.SecretName != "" {
		secret, err := one[corev1.Secret](ctx, p, core("secrets"), registryNamespace, r.SecretName)
		if err != nil {
			return err
		}
		if secret == nil {
			return fmt.Errorf("secret %q not found", r.SecretName)
		}
		for field, key := range map[string]string{"certificate": "tls.crt", "key": "tls.key", "caCertificate": "tls.cacrt"} {
			if value := secret.Data[key]; len(value) > 0 {
				tls[field] = string(value)
			}
		}
	}
	spec := object{"to": object{"kind": "Service", "name": registryName}, "tls": tls}
	if r.Hostname != "" {
		spec["host"] = r.Hostname
	}
	return p.apply(ctx, routes(), object{"apiVersion": "route.openshift.io/v1", "kind": "Route", "metadata": registryMeta(r.Name), "spec": spec})
}

// ownRoutes are those that the operator has made.
func (p *player) ownRoutes(ctx context.Context) (own []*routev1.Route, err error) {
	list, err := all[routev1.Route](ctx, p, routes(), registryNamespace)
	for _, r := range list {
		if byOperator(r.Annotations) {
			own = append(own, r)
		}
	}
	return own, err
}

// keepRoutes removes the operator's routes but for these.
func (p *player) keepRoutes(ctx context.Context, keep map[string]bool) error {
	own, err := p.ownRoutes(ctx)
	if err != nil {
		return err
	}
	for _, r := range own {
		if !keep[r.Name] {
			if err := p.remove(ctx, routes(), registryNamespace, r.Name); err != nil {
				return err
			}
		}
	}
	return nil
}
