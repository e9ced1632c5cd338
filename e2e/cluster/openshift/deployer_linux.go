package openshift

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	appsv1 "github.com/openshift/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func deploymentConfigs() schema.GroupVersionResource {
	return kindOf("apps.openshift.io", "deploymentconfigs")
}

// deployer plays the controller of DeploymentConfigs: a change of the template gives
// a new replication controller, whose pods Kubernetes' own controller makes, and the older ones have
// no replicas any more. There are no deployer pods, hooks, strategies, nor triggers but ConfigChange.
func (p *player) deployer() controller {
	kinds := []schema.GroupVersionResource{deploymentConfigs(), core("replicationcontrollers")}
	return controller{name: "deployer", kinds: kinds, sync: func(ctx context.Context) error {
		configs, err := all[appsv1.DeploymentConfig](ctx, p, deploymentConfigs(), "")
		if err != nil {
			return err
		}
		controllers, err := all[corev1.ReplicationController](ctx, p, core("replicationcontrollers"), "")
		if err != nil {
			return err
		}
		var errs []error // one config that cannot be rolled out is not to hold up the others
		for _, dc := range configs {
			if dc.DeletionTimestamp == nil && dc.Spec.Template != nil {
				errs = append(errs, p.deploy(ctx, dc, rolloutsOf(dc, controllers)))
			}
		}
		return errors.Join(errs...)
	}}
}

// rolloutsOf are the replication controllers of a deployment config, the latest last.
func rolloutsOf(dc *appsv1.DeploymentConfig, controllers []*corev1.ReplicationController) (own []*corev1.ReplicationController) {
	for _, rc := range controllers {
		if rc.Namespace == dc.Namespace && len(rc.OwnerReferences) == 1 && rc.OwnerReferences[0].UID == dc.UID {
			own = append(own, rc)
		}
	}
	slices.SortFunc(own, func(a, b *corev1.ReplicationController) int { return int(versionOf(a) - versionOf(b)) })
	return own
}

func versionOf(rc *corev1.ReplicationController) int64 {
	version, _ := strconv.ParseInt(rc.Annotations[appsv1.DeploymentVersionAnnotation], 10, 64) // 0 where it is not ours
	return version
}

func (p *player) deploy(ctx context.Context, dc *appsv1.DeploymentConfig, own []*corev1.ReplicationController) error {
	var latest *corev1.ReplicationController
	if len(own) > 0 {
		latest = own[len(own)-1]
	}
	if byChange(dc) && !dc.Spec.Paused && (latest == nil || !sameTemplate(dc, latest)) {
		version := int64(1)
		if latest != nil {
			version = versionOf(latest) + 1
		}
		return p.rollOut(ctx, dc, version) // whose event brings us back here
	}
	for _, rc := range own {
		if err := p.scale(ctx, dc, rc, rc == latest); err != nil {
			return err
		}
	}
	before := dc.Status.DeepCopy()
	p.setDeployed(dc, own, latest)
	if equality.Semantic.DeepEqual(*before, dc.Status) {
		return nil
	}
	return writeStatus(ctx, p, deploymentConfigs(), dc)
}

// scale gives the latest replication controller all the replicas, and notes when it is complete.
func (p *player) scale(ctx context.Context, dc *appsv1.DeploymentConfig, rc *corev1.ReplicationController, latest bool) error {
	replicas, patch := int32(0), object{}
	if latest && !dc.Spec.Test {
		replicas = dc.Spec.Replicas
	}
	if rc.Spec.Replicas == nil || *rc.Spec.Replicas != replicas {
		patch["spec"] = object{"replicas": replicas}
	} else if latest && complete(rc) && rc.Annotations[appsv1.DeploymentStatusAnnotation] != string(appsv1.DeploymentStatusComplete) {
		patch["metadata"] = object{"annotations": object{appsv1.DeploymentStatusAnnotation: appsv1.DeploymentStatusComplete}}
	}
	if len(patch) == 0 {
		return nil
	}
	return p.merge(ctx, core("replicationcontrollers"), rc.Namespace, rc.Name, patch)
}

// byChange tells whether a change of the template is to be rolled out; without any trigger it is.
func byChange(dc *appsv1.DeploymentConfig) bool {
	return dc.Spec.Triggers == nil || slices.ContainsFunc(dc.Spec.Triggers, func(t appsv1.DeploymentTriggerPolicy) bool {
		return t.Type == appsv1.DeploymentTriggerOnConfigChange
	})
}

// sameTemplate tells whether the latest rollout is of the template of now.
func sameTemplate(dc *appsv1.DeploymentConfig, latest *corev1.ReplicationController) bool {
	var was appsv1.DeploymentConfig
	err := json.Unmarshal([]byte(latest.Annotations[appsv1.DeploymentEncodedConfigAnnotation]), &was)
	return err == nil && equality.Semantic.DeepEqual(was.Spec.Template, dc.Spec.Template)
}

func (p *player) rollOut(ctx context.Context, dc *appsv1.DeploymentConfig, version int64) error {
	encoded, err := json.Marshal(dc)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s-%d", dc.Name, version)
	marks := map[string]string{"deployment": name, "deploymentconfig": dc.Name}
	template := dc.Spec.Template.DeepCopy()
	template.Labels = union(template.Labels, marks)
	return p.apply(ctx, core("replicationcontrollers"), object{
		"apiVersion": "v1", "kind": "ReplicationController",
		"metadata": object{
			"name": name, "namespace": dc.Namespace, "labels": union(dc.Labels, map[string]string{appsv1.DeploymentConfigAnnotation: dc.Name}),
			"annotations": object{
				appsv1.DeploymentConfigAnnotation: dc.Name, appsv1.DeploymentVersionAnnotation: strconv.FormatInt(version, 10),
				appsv1.DeploymentStatusAnnotation: string(appsv1.DeploymentStatusRunning), appsv1.DeploymentStatusReasonAnnotation: "config change",
				appsv1.DeploymentEncodedConfigAnnotation: string(encoded),
			},
			"ownerReferences": []object{{
				"apiVersion": "apps.openshift.io/v1", "kind": "DeploymentConfig", "name": dc.Name, "uid": dc.UID, "controller": true, "blockOwnerDeletion": true,
			}},
		},
		"spec": object{"replicas": 0, "selector": union(dc.Spec.Selector, marks), "template": template},
	})
}

func union(a, b map[string]string) map[string]string {
	both := maps.Clone(b)
	maps.Copy(both, a)
	maps.Copy(both, b)
	return both
}
