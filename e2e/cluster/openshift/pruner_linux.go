package openshift

import (
	"context"

	imageregistryv1 "github.com/openshift/api/imageregistry/v1"
	operatorv1 "github.com/openshift/api/operator/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func imagePruners() schema.GroupVersionResource {
	return kindOf("imageregistry.operator.openshift.io", "imagepruners")
}

// pruner plays what the operator says of imagepruners/cluster. Nothing is pruned.
func (p *player) pruner() controller {
	return controller{name: "image pruner", kinds: []schema.GroupVersionResource{imagePruners()}, sync: func(ctx context.Context) error {
		pruner, err := one[imageregistryv1.ImagePruner](ctx, p, imagePruners(), "", singleton)
		if err != nil || pruner == nil {
			return err
		}
		before := pruner.Status.DeepCopy()
		scheduled := condition("Scheduled", true, "Scheduled", "The pruner job has been scheduled")
		if pruner.Spec.Suspend != nil && *pruner.Spec.Suspend {
			scheduled = condition("Scheduled", false, "Suspended", "The pruner job has been suspended")
		}
		for _, c := range []operatorv1.OperatorCondition{
			condition("Available", true, "AsExpected", "Pruner CronJob has been created"), scheduled,
			condition("Failed", false, "Complete", "Pruner completed successfully"), condition("Degraded", false, "AsExpected", ""),
		} {
			p.setCondition(&pruner.Status.Conditions, c)
		}
		pruner.Status.ObservedGeneration = pruner.Generation
		if equality.Semantic.DeepEqual(*before, pruner.Status) {
			return nil
		}
		return writeStatus(ctx, p, imagePruners(), pruner)
	}}
}
