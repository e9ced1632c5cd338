package openshift

import (
	"fmt"
	"slices"

	appsv1 "github.com/openshift/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// setDeployed sets the status of a deployment config out of its replication controllers.
func (p *player) setDeployed(dc *appsv1.DeploymentConfig, own []*corev1.ReplicationController, latest *corev1.ReplicationController) {
	s := &dc.Status
	s.ObservedGeneration, s.Replicas, s.ReadyReplicas, s.AvailableReplicas, s.UpdatedReplicas = dc.Generation, 0, 0, 0, 0
	for _, rc := range own {
		s.Replicas += rc.Status.Replicas
		s.ReadyReplicas += rc.Status.ReadyReplicas
		s.AvailableReplicas += rc.Status.AvailableReplicas
	}
	s.UnavailableReplicas = max(0, dc.Spec.Replicas-s.AvailableReplicas)
	available := appsv1.DeploymentCondition{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue, Message: "Deployment config has minimum availability."}
	if s.AvailableReplicas < least(dc) {
		available.Status, available.Message = corev1.ConditionFalse, "Deployment config does not have minimum availability."
	}
	p.setDeployedCondition(s, available)
	if latest == nil {
		return
	}
	s.LatestVersion, s.UpdatedReplicas = versionOf(latest), latest.Status.Replicas
	s.Details = &appsv1.DeploymentDetails{Message: "config change", Causes: []appsv1.DeploymentCause{{Type: appsv1.DeploymentTriggerOnConfigChange}}}
	progressing := appsv1.DeploymentCondition{
		Type: appsv1.DeploymentProgressing, Status: corev1.ConditionTrue, Reason: string(appsv1.ReplicationControllerUpdatedReason),
		Message: fmt.Sprintf("replication controller %q is progressing", latest.Name),
	}
	if complete(latest) {
		progressing.Reason = string(appsv1.NewReplicationControllerAvailableReason)
		progressing.Message = fmt.Sprintf("replication controller %q successfully rolled out", latest.Name)
	}
	p.setDeployedCondition(s, progressing)
}

// least is how many replicas make a deployment config Available.
func least(dc *appsv1.DeploymentConfig) int32 {
	if dc.Spec.Strategy.Type == appsv1.DeploymentStrategyTypeRecreate {
		return dc.Spec.Replicas
	}
	return dc.Spec.Replicas - dc.Spec.Replicas/4 // maxUnavailable is 25% where nothing is said
}

// complete tells whether all pods of a rollout that has been scaled up are available.
func complete(rc *corev1.ReplicationController) bool {
	return rc.Status.ObservedGeneration >= rc.Generation && rc.Spec.Replicas != nil && rc.Status.AvailableReplicas >= *rc.Spec.Replicas
}

func (p *player) setDeployedCondition(s *appsv1.DeploymentConfigStatus, c appsv1.DeploymentCondition) {
	now := metav1.NewTime(p.now())
	c.LastUpdateTime, c.LastTransitionTime = now, now
	i := slices.IndexFunc(s.Conditions, func(was appsv1.DeploymentCondition) bool { return was.Type == c.Type })
	if i < 0 {
		s.Conditions = append(s.Conditions, c)
		return
	}
	was := s.Conditions[i]
	if was.Status == c.Status {
		c.LastTransitionTime = was.LastTransitionTime
	}
	if was.Status != c.Status || was.Reason != c.Reason || was.Message != c.Message {
		s.Conditions[i] = c
	}
}
