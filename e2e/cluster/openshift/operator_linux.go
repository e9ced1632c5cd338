package openshift

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"

	configv1 "github.com/openshift/api/config/v1"
	imageregistryv1 "github.com/openshift/api/imageregistry/v1"
	operatorv1 "github.com/openshift/api/operator/v1"
	routev1 "github.com/openshift/api/route/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const (
	registryNamespace = "openshift-image-registry"
	registryName      = "image-registry" // of the Deployment and the Service
	registryClaim     = "image-registry-storage"
	defaultRoute      = "default-route"
	operatorMark      = "imageregistry.openshift.io" // annotation of what the operator has made
	singleton         = "cluster"                    // the name of each object of which there is one
)

func registryConfigs() schema.GroupVersionResource {
	return kindOf("imageregistry.operator.openshift.io", "configs")
}
func imageConfigs() schema.GroupVersionResource {
	return kindOf("config.openshift.io", "images")
}
func deployments() schema.GroupVersionResource { return kindOf("apps", "deployments") }

// permanent is an error that goes away only when somebody changes something.
type permanent struct {
	error

	reason string
}

// operator plays the image registry operator: it turns configs/cluster into a Deployment, a Service, a
// claim and Routes, and reports in the words of the real one. It differs in two ways:
// the Deployment has next to nothing of the real one's settings, and Degraded because of
// Unavailable is reported at once, not after a minute.
func (p *player) operator() controller {
	kinds := []schema.GroupVersionResource{
		registryConfigs(), imageConfigs(), routes(), deployments(), core("services"), core("persistentvolumeclaims"), core("secrets"),
	}
	return controller{name: "image registry operator", kinds: kinds, sync: func(ctx context.Context) error {
		cr, err := one[imageregistryv1.Config](ctx, p, registryConfigs(), "", singleton)
		if err != nil || cr == nil {
			return err
		}
		before := cr.Status.DeepCopy()
		var applied error
		switch cr.Spec.ManagementState {
		case operatorv1.Managed:
			applied = p.manage(ctx, cr)
		case operatorv1.Removed:
			applied = p.unmake(ctx, cr)
		}
		if err := p.report(ctx, cr, applied); err != nil {
			return err
		}
		if !equality.Semantic.DeepEqual(*before, cr.Status) {
			if err := writeStatus(ctx, p, registryConfigs(), cr); err != nil {
				return err
			}
		}
		if err := p.hostnames(ctx); err != nil {
			return err
		}
		if _, ok := errors.AsType[permanent](applied); ok {
			return nil
		}
		return applied
	}}
}

// manage makes what the settings ask for.
func (p *player) manage(ctx context.Context, cr *imageregistryv1.Config) error {
	if err := verify(cr); err != nil {
		return err
	}
	if cr.Spec.HTTPSecret == "" {
		secret := make([]byte, 64)
		_, _ = rand.Read(secret) // never fails
		cr.Spec.HTTPSecret = hex.EncodeToString(secret)
		if err := p.merge(ctx, registryConfigs(), "", singleton, object{"spec": object{"httpSecret": cr.Spec.HTTPSecret}}); err != nil {
			return err
		}
	}
	if err := p.storage(ctx, cr); err != nil {
		return err
	}
	for _, step := range []func(context.Context, *imageregistryv1.Config) error{p.service, p.deployment, p.routes} {
		if err := step(ctx, cr); err != nil {
			return err
		}
	}
	return nil
}

// unmake removes all that manage has made, and the claim too where that was made here.
func (p *player) unmake(ctx context.Context, cr *imageregistryv1.Config) error {
	errs := []error{
		p.remove(ctx, deployments(), registryNamespace, registryName),
		p.remove(ctx, core("services"), registryNamespace, registryName),
		p.keepRoutes(ctx, nil),
	}
	if pvc := cr.Status.Storage.PVC; pvc != nil && cr.Status.StorageManaged {
		errs = append(errs, p.remove(ctx, core("persistentvolumeclaims"), registryNamespace, pvc.Claim))
	}
	cr.Status.Storage, cr.Status.StorageManaged = imageregistryv1.ImageRegistryConfigStorage{}, false
	return errors.Join(errs...)
}

// report sets the status out of what there is now.
func (p *player) report(ctx context.Context, cr *imageregistryv1.Config, applied error) error {
	deployment, err := one[appsv1.Deployment](ctx, p, deployments(), registryNamespace, registryName)
	if err != nil {
		return err
	}
	own, err := p.ownRoutes(ctx)
	if err != nil {
		return err
	}
	cr.Status.ObservedGeneration, cr.Status.ReadyReplicas = cr.Generation, 0
	if deployment != nil {
		cr.Status.ReadyReplicas = deployment.Status.ReadyReplicas
	}
	for _, c := range conditions(cr.Spec.ManagementState, deployment, own, applied) {
		p.setCondition(&cr.Status.Conditions, c)
	}
	return nil
}

// hostnames writes into image.config how the registry is reached: the default route comes first.
func (p *player) hostnames(ctx context.Context) error {
	config, err := one[configv1.Image](ctx, p, imageConfigs(), "", singleton)
	if err != nil || config == nil {
		return err
	}
	service, err := one[corev1.Service](ctx, p, core("services"), registryNamespace, registryName)
	if err != nil {
		return err
	}
	own, err := p.ownRoutes(ctx)
	if err != nil {
		return err
	}
	status := configv1.ImageStatus{ImageStreamImportMode: configv1.ImportModeLegacy, ExternalRegistryHostnames: hosts(own)}
	if service != nil {
		status.InternalRegistryHostname = registryName + "." + registryNamespace + ".svc:5000"
	}
	if equality.Semantic.DeepEqual(config.Status, status) {
		return nil
	}
	config.Status = status
	return writeStatus(ctx, p, imageConfigs(), config)
}

// hosts are those that the router has admitted or not: it is not asked here.
func hosts(own []*routev1.Route) (names []string) {
	for _, r := range own {
		for _, in := range r.Status.Ingress {
			if r.Name == defaultRoute {
				names = append([]string{in.Host}, names...)
			} else {
				names = append(names, in.Host)
			}
		}
	}
	return names
}
