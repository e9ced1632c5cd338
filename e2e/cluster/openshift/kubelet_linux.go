package openshift

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// PodsLabel lets the pods of a namespace that has it with the value "ready" look as if they ran
// and were ready, though there is no node: so that rollouts end. Without it they stay Pending.
const PodsLabel = "e2e.regctl/pods"

// kubelet plays what a node says of the pods in namespaces with PodsLabel.
func (p *player) kubelet() controller {
	return controller{name: "kubelet", kinds: []schema.GroupVersionResource{core("pods"), core("namespaces")}, sync: func(ctx context.Context) error {
		namespaces, err := all[corev1.Namespace](ctx, p, core("namespaces"), "")
		if err != nil {
			return err
		}
		for _, ns := range namespaces {
			if ns.Labels[PodsLabel] == "ready" {
				if err := p.startPods(ctx, ns.Name); err != nil {
					return err
				}
			}
		}
		return nil
	}}
}

func (p *player) startPods(ctx context.Context, namespace string) error {
	pods, err := all[corev1.Pod](ctx, p, core("pods"), namespace)
	if err != nil {
		return err
	}
	for _, pod := range pods {
		if pod.Status.Phase != corev1.PodPending || pod.Spec.NodeName != "" || pod.DeletionTimestamp != nil {
			continue
		}
		setRunning(pod, metav1.NewTime(p.now()))
		if err := writeStatus(ctx, p, core("pods"), pod); err != nil {
			return err
		}
	}
	return nil
}

func setRunning(pod *corev1.Pod, now metav1.Time) {
	pod.Status = corev1.PodStatus{Phase: corev1.PodRunning, PodIP: "10.78.0.2", PodIPs: []corev1.PodIP{{IP: "10.78.0.2"}}, StartTime: &now}
	for _, kind := range []corev1.PodConditionType{corev1.PodScheduled, corev1.PodInitialized, corev1.ContainersReady, corev1.PodReady} {
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: now})
	}
	started := true
	for _, c := range pod.Spec.Containers {
		pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, corev1.ContainerStatus{
			Name: c.Name, Image: c.Image, Ready: true, Started: &started,
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}},
		})
	}
}
