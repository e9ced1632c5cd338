package wait

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/pods"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Diagnose finds why a workload's pods, or a claim, are not ready; nil where it
// cannot be told. Events are asked for only where the pods do not say enough.
func Diagnose(ctx context.Context, c *cluster.Client, o *cluster.Object) (*Reason, error) {
	return diagnose(ctx, c, o, func(ctx context.Context, o *cluster.Object) ([]corev1.Pod, error) { return pods.Pods(ctx, c, o) })
}

// DiagnosePods is Diagnose of a workload whose pods were read a moment ago.
func DiagnosePods(ctx context.Context, c *cluster.Client, o *cluster.Object, pods []corev1.Pod) (*Reason, error) {
	return diagnose(ctx, c, o, func(context.Context, *cluster.Object) ([]corev1.Pod, error) { return pods, nil })
}

func diagnose(ctx context.Context, c *cluster.Client, o *cluster.Object, read func(context.Context, *cluster.Object) ([]corev1.Pod, error)) (*Reason, error) {
	in := *c
	in.Namespace = o.GetNamespace()
	if o.GetKind() == "PersistentVolumeClaim" {
		return reasonOfClaim(ctx, &in, o)
	}
	if o.GetKind() == "Route" {
		return routeReason(ctx, &in, o)
	}
	if o.GetKind() == "Config" {
		return operatorReason(ctx, &in, o)
	}
	if r := replicaFailure(o); r != nil {
		return r, nil
	}
	if r := nowhere(o); r != nil {
		return r, nil
	}
	running, err := read(ctx, o)
	if err != nil {
		return nil, err
	}
	r := Blocked(running, nil)
	if r != nil && rank(r) > 0 && !slices.ContainsFunc(running, runsUnready) {
		return r, nil
	}
	events, err := pods.Events(ctx, &in, "type=Warning")
	if err != nil {
		return r, nil //nolint:nilerr // who may see running but no events is told what the running say
	}
	if with := Blocked(running, events); with != nil && rank(with) > 0 {
		return with, nil
	}
	if refused := refusal(o.GetKind(), o.GetName(), in.Namespace, since(events, running)); refused != nil {
		return refused, nil
	}
	return r, nil
}

func runsUnready(p corev1.Pod) bool { return p.Status.Phase == corev1.PodRunning && !pods.PodReady(&p) }

// since leaves out what happened before the newest pod could be made.
func since(events []pods.Event, running []corev1.Pod) []pods.Event {
	if len(running) == 0 {
		return events
	}
	made := running[0].CreationTimestamp
	return slices.DeleteFunc(slices.Clone(events), func(e pods.Event) bool { return e.Last.Before(&made) })
}

// replicaFailure is what a Deployment itself says about pods that cannot be made.
func replicaFailure(o *cluster.Object) *Reason {
	if o.GetKind() != "Deployment" {
		return nil
	}
	d, err := cluster.Decode[appsv1.Deployment](o)
	if err != nil {
		return nil
	}
	for _, c := range d.Status.Conditions {
		if c.Type == appsv1.DeploymentReplicaFailure && c.Status == corev1.ConditionTrue {
			return refused("deployment/"+d.Name, c.Message, d.Namespace)
		}
	}
	return nil
}

// nowhere tells that no node is to run a DaemonSet's pods.
func nowhere(o *cluster.Object) *Reason {
	if o.GetKind() != "DaemonSet" {
		return nil
	}
	d, err := cluster.Decode[appsv1.DaemonSet](o)
	if err != nil || d.Status.DesiredNumberScheduled > 0 || d.Status.ObservedGeneration < d.Generation {
		return nil
	}
	return &Reason{
		About: "daemonset/" + d.Name, Text: "no node matches its node selector and tolerations",
		Advice: "compare its nodeSelector with: kubectl get nodes --show-labels",
	}
}

// latestController names the ReplicationController of a DeploymentConfig's latest rollout.
func latestController(dc *cluster.Object) cluster.Ref {
	d, err := cluster.Decode[deploymentConfig](dc)
	if err != nil {
		return cluster.Ref{}
	}
	return cluster.Ref{GVK: cluster.CoreKind("ReplicationController"), Namespace: d.Namespace, Name: fmt.Sprintf("%s-%d", d.Name, d.Status.LatestVersion)}
}

// claimState tells whether a claim has its volume. One whose class waits for the first pod that uses it is as ready as it can be.
func claimState(ctx context.Context, c *cluster.Client, o *cluster.Object) (Rollout, error) {
	claim, err := cluster.Decode[corev1.PersistentVolumeClaim](o)
	if err != nil {
		return Rollout{}, err
	}
	switch {
	case claim.Status.Phase == corev1.ClaimBound:
		return Rollout{Done: true, State: "it is bound"}, nil
	case claim.Status.Phase == corev1.ClaimLost:
		return Rollout{State: "its volume is lost", Failed: "its volume " + claim.Spec.VolumeName + " is gone"}, nil
	case waitsForPod(ctx, c, claim):
		return Rollout{Done: true, State: "it is bound as soon as a pod uses it"}, nil
	}
	return Rollout{State: "it is not bound to a volume yet"}, nil
}

func waitsForPod(ctx context.Context, c *cluster.Client, claim *corev1.PersistentVolumeClaim) bool {
	name := claim.Spec.StorageClassName
	if name == nil || *name == "" {
		return false
	}
	class, err := c.Get(ctx, cluster.Ref{GVK: schema.GroupVersionKind{Group: "storage.k8s.io", Version: "v1", Kind: "StorageClass"}, Name: *name})
	return err == nil && class != nil && class.Object["volumeBindingMode"] == "WaitForFirstConsumer"
}

func reasonOfClaim(ctx context.Context, c *cluster.Client, o *cluster.Object) (*Reason, error) {
	events, err := pods.Events(ctx, c, "involvedObject.kind=PersistentVolumeClaim,involvedObject.name="+o.GetName())
	if err != nil {
		return nil, err
	}
	return claimReason(o.GetName(), o.GetNamespace(), events), nil
}

// claimReason finds why no volume is there for a claim.
func claimReason(name, namespace string, events []pods.Event) *Reason {
	r := &Reason{About: "persistentvolumeclaim/" + name, Advice: fmt.Sprintf("kubectl describe pvc %s -n %s", name, namespace)}
	for _, e := range events {
		switch e.Reason {
		case "FailedBinding", "ProvisioningFailed", "VolumeMismatch", "ClaimMisbound", "ExternalProvisioning":
		default:
			continue
		}
		r.Text = e.Reason + ": " + e.Message
		if e.Reason == "FailedBinding" || strings.Contains(e.Message, "storageclass") {
			r.Advice = "name a class that makes volumes (kubectl get storageclass), or make a PersistentVolume for it"
		}
		return r
	}
	r.Text = "no volume is bound to it"
	return r
}

// lastWords are the last lines that a crashed container wrote, for an error.
func lastWords(ctx context.Context, c *cluster.Client, r *Reason) string {
	pod, isPod := strings.CutPrefix(r.About, "pod/")
	if r.Crash == "" || !isPod {
		return ""
	}
	text, err := pods.Tail(ctx, c, pod, r.Crash, r.Again)
	if err != nil || strings.TrimSpace(text) == "" {
		return ""
	}
	return "; its last lines:\n    " + strings.ReplaceAll(Redact(strings.TrimSpace(text)), "\n", "\n    ")
}

var secretWords = regexp.MustCompile(`(?i)\b((?:bearer|basic)\s+|(?:\w*password|\w*passwd|\w*secret(?:_?key)?|\w*token)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s"',]+)`)

// Redact hides what looks like a password, a token or a key in lines of a log.
func Redact(text string) string { return secretWords.ReplaceAllString(text, "${1}***") }
