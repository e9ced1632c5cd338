package openshift

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	operatorv1 "github.com/openshift/api/operator/v1"
	routev1 "github.com/openshift/api/route/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// conditions are those of configs/cluster, in the words of the real operator. applied is what went
// wrong while the settings were carried out; deployment is nil where it is absent.
func conditions(state operatorv1.ManagementState, deployment *appsv1.Deployment, own []*routev1.Route, applied error) []operatorv1.OperatorCondition {
	if state == operatorv1.Unmanaged {
		return unmanaged()
	}
	available := availability(state, deployment, applied)
	removed := condition("Removed", false, "", "")
	if state == operatorv1.Removed {
		removed = condition("Removed", true, "Removed", "The registry is removed")
	}
	return []operatorv1.OperatorCondition{available, progress(state, deployment, applied), degradation(state, available, own, applied), removed}
}

func condition(kind string, is bool, reason, message string) operatorv1.OperatorCondition {
	status := operatorv1.ConditionFalse
	if is {
		status = operatorv1.ConditionTrue
	}
	return operatorv1.OperatorCondition{Type: kind, Status: status, Reason: reason, Message: message}
}

func unmanaged() []operatorv1.OperatorCondition {
	const reason, message = "Unmanaged", "The registry configuration is set to unmanaged mode"
	return []operatorv1.OperatorCondition{
		condition("Available", true, reason, message), condition("Progressing", false, reason, message),
		condition("Degraded", false, reason, message), condition("Removed", false, "", ""),
	}
}

func availability(state operatorv1.ManagementState, d *appsv1.Deployment, applied error) operatorv1.OperatorCondition {
	const kind = "Available"
	lasting, isLasting := errors.AsType[permanent](applied)
	switch {
	case d == nil && isLasting:
		return condition(kind, false, lasting.reason, "Error: "+applied.Error())
	case d == nil && state == operatorv1.Removed:
		return condition(kind, true, "Removed", "The registry is removed")
	case d == nil:
		return condition(kind, false, "DeploymentNotFound", "The deployment does not exist")
	case d.DeletionTimestamp != nil:
		return condition(kind, false, "DeploymentDeleted", "The deployment is being deleted")
	case d.Status.AvailableReplicas == 0:
		return condition(kind, false, "NoReplicasAvailable", "The deployment does not have available replicas")
	case !rolledOut(d):
		return condition(kind, true, "MinimumAvailability", "The registry has minimum availability")
	}
	return condition(kind, true, "Ready", "The registry is ready")
}

func progress(state operatorv1.ManagementState, d *appsv1.Deployment, applied error) operatorv1.OperatorCondition {
	const kind = "Progressing"
	_, isLasting := errors.AsType[permanent](applied)
	switch {
	case state == operatorv1.Removed && d != nil:
		return condition(kind, true, "DeletingDeployment", "The deployment is being removed")
	case state == operatorv1.Removed:
		return condition(kind, false, "Removed", "All registry resources are removed")
	case applied != nil:
		return condition(kind, !isLasting, "Error", "Unable to apply resources: "+applied.Error())
	case d == nil:
		return condition(kind, true, "WaitingForDeployment", "All resources are successfully applied, but the deployment does not exist")
	case d.DeletionTimestamp != nil:
		return condition(kind, true, "FinalizingDeployment", "The deployment is being deleted")
	case !rolledOut(d):
		return condition(kind, true, "DeploymentNotCompleted", "The deployment has not completed")
	}
	return condition(kind, false, "Ready", "The registry is ready")
}

func degradation(state operatorv1.ManagementState, available operatorv1.OperatorCondition, own []*routev1.Route, applied error) operatorv1.OperatorCondition {
	const kind = "Degraded"
	lasting, isLasting := errors.AsType[permanent](applied)
	switch refused := refusals(own); {
	case isLasting:
		return condition(kind, true, lasting.reason, "Error: "+applied.Error())
	case state == operatorv1.Removed:
		return condition(kind, false, "Removed", "The registry is removed")
	case applied != nil && available.Status != operatorv1.ConditionTrue:
		return condition(kind, true, "Unavailable", available.Message)
	case refused != "":
		return condition(kind, true, "RouteDegraded", refused)
	}
	return condition(kind, false, "", "")
}

// refusals says which routes the router has not admitted.
func refusals(own []*routev1.Route) string {
	var all []string
	for _, r := range own {
		for _, in := range r.Status.Ingress {
			for _, c := range in.Conditions {
				if c.Type == routev1.RouteAdmitted && c.Status != corev1.ConditionTrue {
					all = append(all, fmt.Sprintf("route %s (host %s, router %s) not admitted: %s", r.Name, in.Host, in.RouterName, c.Message))
				}
			}
		}
	}
	return strings.Join(all, ",")
}

func rolledOut(d *appsv1.Deployment) bool {
	replicas := int32(1)
	if d.Spec.Replicas != nil {
		replicas = *d.Spec.Replicas
	}
	s := d.Status
	return s.ObservedGeneration >= d.Generation && s.UpdatedReplicas == replicas && s.Replicas == replicas && s.AvailableReplicas == replicas
}

func (p *player) setCondition(list *[]operatorv1.OperatorCondition, c operatorv1.OperatorCondition) {
	c.LastTransitionTime = metav1.NewTime(p.now())
	i := slices.IndexFunc(*list, func(was operatorv1.OperatorCondition) bool { return was.Type == c.Type })
	if i < 0 {
		*list = append(*list, c)
		return
	}
	if (*list)[i].Status == c.Status {
		c.LastTransitionTime = (*list)[i].LastTransitionTime
	}
	(*list)[i] = c
}
