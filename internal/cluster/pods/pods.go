// Package pods finds the pods of a workload and reaches into them: events, logs, commands, connections.
package pods

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
)

// Selector is the selector of a workload's pods ("a=b,c in (d)"), "" where it has none.
func Selector(workload *cluster.Object) string {
	spec, _, _ := unstructured.NestedMap(workload.Object, "spec", "selector")
	if spec == nil {
		return ""
	}
	if _, modern := spec["matchLabels"]; !modern && spec["matchExpressions"] == nil { // DeploymentConfig and Service: plain labels
		plain, _, _ := unstructured.NestedStringMap(workload.Object, "spec", "selector")
		return labels.SelectorFromSet(plain).String()
	}
	holder := &cluster.Object{Object: map[string]any{"selector": spec}}
	full, err := cluster.Decode[struct {
		Selector metav1.LabelSelector `json:"selector"`
	}](holder)
	if err != nil {
		return ""
	}
	s, err := metav1.LabelSelectorAsSelector(&full.Selector)
	if err != nil {
		return ""
	}
	return s.String()
}

// Pods lists the pods of a workload in the client's namespace, the newest first.
func Pods(ctx context.Context, c *cluster.Client, workload *cluster.Object) ([]corev1.Pod, error) {
	selector := Selector(workload)
	if selector == "" {
		return nil, nil
	}
	in := *c
	in.Namespace = cmp.Or(workload.GetNamespace(), c.Namespace)
	list, err := in.List(ctx, cluster.CoreKind("Pod"), selector)
	if err != nil {
		return nil, err
	}
	pods := make([]corev1.Pod, 0, len(list))
	for i := range list {
		p, err := cluster.Decode[corev1.Pod](&list[i])
		if err != nil {
			return nil, err
		}
		pods = append(pods, *p)
	}
	slices.SortStableFunc(pods, func(a, b corev1.Pod) int {
		return cmp.Or(b.CreationTimestamp.Compare(a.CreationTimestamp.Time), strings.Compare(a.Name, b.Name))
	})
	return pods, nil
}

// Newest are the pods of the latest rollout: those with the same template as the newest pod.
func Newest(pods []corev1.Pod) []corev1.Pod {
	if len(pods) == 0 {
		return nil
	}
	for _, label := range []string{"pod-template-hash", "controller-revision-hash", "deployment"} {
		if hash, ok := pods[0].Labels[label]; ok {
			return slices.DeleteFunc(slices.Clone(pods), func(p corev1.Pod) bool { return p.Labels[label] != hash })
		}
	}
	return pods
}

// RegistryContainer is the container of a pod that is the registry: the one of that name, else the first.
func RegistryContainer(containers []corev1.Container) *corev1.Container {
	for i := range containers {
		if containers[i].Name == "registry" {
			return &containers[i]
		}
	}
	if len(containers) == 0 {
		return nil
	}
	return &containers[0]
}

// Serving is a pod that is ready and stays, nil where there is none.
func Serving(pods []corev1.Pod) *corev1.Pod {
	for i := range pods {
		if PodReady(&pods[i]) && pods[i].DeletionTimestamp == nil {
			return &pods[i]
		}
	}
	return nil
}

// PodReady tells whether a pod takes requests.
func PodReady(p *corev1.Pod) bool {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// Restarts counts those of all containers of a pod.
func Restarts(p *corev1.Pod) (n int32) {
	for _, s := range Statuses(p) {
		n += s.RestartCount
	}
	return n
}

// Statuses are the states of all containers of a pod, init containers first.
func Statuses(p *corev1.Pod) []corev1.ContainerStatus {
	return slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses)
}

// Event is something that happened to an object, as often as Count says.
type Event struct {
	Kind, Name      string // of the object
	Type            string // Normal or Warning
	Reason, Message string
	Count           int32
	Last            metav1.Time
}

// Events lists what happened to the objects that a field selector names
// ("involvedObject.name=x", "reason=FailedCreate"), the newest first.
func Events(ctx context.Context, c *cluster.Client, fields string) ([]Event, error) {
	res, err := c.Resource(cluster.Ref{GVK: cluster.CoreKind("Event"), Namespace: c.Namespace})
	if err != nil {
		return nil, err
	}
	list, err := cluster.Reading(func() (*unstructured.UnstructuredList, error) {
		return res.List(ctx, metav1.ListOptions{FieldSelector: fields, Limit: 200})
	})
	if err != nil {
		return nil, c.Explain("event", err)
	}
	var all []Event
	for i := range list.Items {
		e, err := cluster.Decode[corev1.Event](&list.Items[i])
		if err != nil {
			return nil, err
		}
		all = append(all, EventOf(e))
	}
	NewestFirst(all)
	return all, nil
}

// NewestFirst sorts events by their last occurrence.
func NewestFirst(events []Event) {
	slices.SortStableFunc(events, func(a, b Event) int { return b.Last.Compare(a.Last.Time) })
}

// EventOf reads an event of either generation: the newer one keeps its time and count elsewhere.
func EventOf(e *corev1.Event) Event {
	out := Event{Kind: e.InvolvedObject.Kind, Name: e.InvolvedObject.Name, Type: e.Type, Reason: e.Reason, Message: e.Message, Count: e.Count, Last: e.LastTimestamp}
	if e.Series != nil {
		out.Count, out.Last = e.Series.Count, metav1.Time{Time: e.Series.LastObservedTime.Time}
	}
	if out.Last.IsZero() {
		out.Last = metav1.Time{Time: e.EventTime.Time}
	}
	if out.Last.IsZero() {
		out.Last = e.CreationTimestamp
	}
	return out
}
