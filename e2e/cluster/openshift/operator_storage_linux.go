package openshift

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	imageregistryv1 "github.com/openshift/api/imageregistry/v1"
	corev1 "k8s.io/api/core/v1"
)

// userSecret has the credentials of a storage that the cluster's admin has chosen.
const userSecret = "image-registry-private-configuration-user"

// verify finds settings that contradict each other.
func verify(cr *imageregistryv1.Config) error {
	names := map[string]bool{defaultRoute: true}
	for _, r := range cr.Spec.Routes {
		if names[r.Name] {
			return permanent{reason: "VerificationFailed", error: errors.New("unable to complete resource: duplication of names has been detected in the additional routes")}
		}
		names[r.Name] = true
	}
	if len(storageKinds(cr.Spec.Storage)) == 0 {
		return permanent{reason: "StorageNotConfigured", error: errors.New("storage backend not configured")}
	}
	return nil
}

// storage makes the storage that is asked for usable, and notes which one is used.
func (p *player) storage(ctx context.Context, cr *imageregistryv1.Config) error {
	err := p.checkStorage(ctx, cr)
	if err != nil {
		return fmt.Errorf("unable to sync storage configuration: %w", err)
	}
	cr.Status.Storage = cr.Spec.Storage
	return nil
}

func (p *player) checkStorage(ctx context.Context, cr *imageregistryv1.Config) error {
	if kinds := storageKinds(cr.Spec.Storage); len(kinds) > 1 {
		return fmt.Errorf("exactly one storage type should be configured at the same time, got %d: %v", len(kinds), kinds)
	}
	switch {
	case cr.Spec.Storage.PVC != nil:
		return p.claim(ctx, cr)
	case cr.Spec.Storage.S3 != nil:
		return p.s3Credentials(ctx)
	}
	cr.Status.StorageManaged = false
	return nil
}

// storageKinds names the kinds that are configured, as the operator does.
func storageKinds(s imageregistryv1.ImageRegistryConfigStorage) (kinds []string) {
	for _, kind := range []struct {
		name  string
		there bool
	}{
		{"EmptyDir", s.EmptyDir != nil},
		{"S3", s.S3 != nil},
		{"Swift", s.Swift != nil},
		{"GCS", s.GCS != nil},
		{"IBMCOS", s.IBMCOS != nil},
		{"PVC", s.PVC != nil},
		{"Azure", s.Azure != nil},
		{"OSS", s.OSS != nil},
	} {
		if kind.there {
			kinds = append(kinds, kind.name)
		}
	}
	return kinds
}

// claim makes the claim that has no name, and checks the access modes of any.
func (p *player) claim(ctx context.Context, cr *imageregistryv1.Config) error {
	pvc := cr.Spec.Storage.PVC
	unnamed := pvc.Claim == ""
	pvc.Claim = cmp.Or(pvc.Claim, registryClaim)
	claim, err := one[corev1.PersistentVolumeClaim](ctx, p, core("persistentvolumeclaims"), registryNamespace, pvc.Claim)
	switch {
	case err != nil:
		return err
	case claim == nil && !unnamed:
		return fmt.Errorf("persistentvolumeclaim %q not found", pvc.Claim)
	case claim != nil && unnamed && !byOperator(claim.Annotations):
		return errors.New("could not create default PVC, it already exists and is not owned by the operator")
	}
	if unnamed {
		if err := p.makeClaim(ctx); err != nil {
			return err
		}
		if err := p.merge(ctx, registryConfigs(), "", singleton, object{"spec": object{"storage": object{"pvc": object{"claim": pvc.Claim}}}}); err != nil {
			return err
		}
		cr.Status.StorageManaged = true
		return nil
	}
	cr.Status.StorageManaged = byOperator(claim.Annotations)
	return checkModes(cr, claim)
}

// byOperator tells whether the operator has made an object.
func byOperator(annotations map[string]string) bool {
	_, ok := annotations[operatorMark]
	return ok
}

func (p *player) makeClaim(ctx context.Context) error {
	return p.apply(ctx, core("persistentvolumeclaims"), object{
		"apiVersion": "v1", "kind": "PersistentVolumeClaim",
		"metadata": object{"name": registryClaim, "namespace": registryNamespace, "annotations": object{operatorMark: "true"}},
		"spec": object{
			"accessModes": []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
			"resources":   object{"requests": object{"storage": "100Gi"}},
		},
	})
}

func checkModes(cr *imageregistryv1.Config, claim *corev1.PersistentVolumeClaim) error {
	modes := claim.Spec.AccessModes
	switch {
	case slices.Contains(modes, corev1.ReadWriteMany):
		return nil
	case !slices.Contains(modes, corev1.ReadWriteOnce):
		return fmt.Errorf("PVC %s does not contain the necessary access modes: %s or %s", claim.Name, corev1.ReadWriteMany, corev1.ReadWriteOnce)
	case cr.Spec.Replicas > 1:
		return fmt.Errorf("cannot use %s access mode with more than one replica of the image registry", corev1.ReadWriteOnce)
	case cr.Spec.RolloutStrategy != "Recreate":
		return fmt.Errorf("cannot use %s access mode with %s rollout strategy", corev1.ReadWriteOnce, cr.Spec.RolloutStrategy)
	}
	return nil
}

// s3Credentials looks for what the operator would sign in with; nothing is asked of S3.
func (p *player) s3Credentials(ctx context.Context) error {
	secret, err := one[corev1.Secret](ctx, p, core("secrets"), registryNamespace, userSecret)
	if err != nil {
		return err
	}
	if secret == nil {
		return fmt.Errorf(`unable to get cluster minted credentials "%s/installer-cloud-credentials": secret "installer-cloud-credentials" not found`, registryNamespace)
	}
	for _, key := range []string{"REGISTRY_STORAGE_S3_ACCESSKEY", "REGISTRY_STORAGE_S3_SECRETKEY"} {
		if len(secret.Data[key]) == 0 {
			return fmt.Errorf(`secret "%s/%s" does not contain required key "%s"`, registryNamespace, userSecret, key)
		}
	}
	return nil
}
