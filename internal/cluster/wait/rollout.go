package wait

import (
	"fmt"

	"github.com/regctl/regctl/internal/cluster"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// Rollout says how far a workload's pods follow what is written in it.
type Rollout struct {
	Done   bool
	State  string // 1 of 3 pods are updated
	Failed string // why it does not get there any more on its own; "" while it may
}

// RolloutOf reads how far a Deployment, DaemonSet, StatefulSet, Job, DeploymentConfig, Route or
// configuration of the registry operator is.
// Anything else has nothing to roll out.
func RolloutOf(o *cluster.Object) (Rollout, error) {
	switch o.GetKind() {
	case "Deployment":
		return rolloutOf(o, deploymentRollout)
	case "DaemonSet":
		return rolloutOf(o, daemonSetRollout)
	case "StatefulSet":
		return rolloutOf(o, statefulSetRollout)
	case "Job":
		return rolloutOf(o, jobRollout)
	case "DeploymentConfig":
		return rolloutOf(o, configRollout)
	case "Route":
		return rolloutOf(o, routeRollout)
	case "Config":
		return rolloutOf(o, operatorRollout)
	}
	return Rollout{Done: true}, nil
}

func rolloutOf[T any](o *cluster.Object, read func(*T) Rollout) (Rollout, error) {
	t, err := cluster.Decode[T](o)
	if err != nil {
		return Rollout{}, err
	}
	return read(t), nil
}

// unseen is the state of what its controller has not looked at yet.
func unseen(generation, observed int64) (Rollout, bool) {
	return Rollout{State: "its controller has not taken it up yet"}, observed < generation
}

// steps are the replicas of a rollout, as all kinds count them.
type steps struct{ wanted, updated, all, available int32 }

func (s steps) rollout() Rollout {
	switch {
	case s.updated < s.wanted:
		return Rollout{State: fmt.Sprintf("%d of %d pods are updated", s.updated, s.wanted)}
	case s.all > s.updated:
		return Rollout{State: fmt.Sprintf("%s still to be ended", countPods(s.all-s.updated, "old "))}
	case s.available < s.updated:
		return Rollout{State: fmt.Sprintf("%d of %d pods are ready", s.available, s.updated)}
	case s.wanted == 0:
		return Rollout{Done: true, State: "it is scaled to 0 replicas"}
	}
	return Rollout{Done: true, State: fmt.Sprintf("%d of %d pods are ready", s.available, s.wanted)}
}

func countPods(n int32, which string) string {
	if n == 1 {
		return "1 " + which + "pod is"
	}
	return fmt.Sprintf("%d %spods are", n, which)
}

// or is what a pointer points to, or the API's default.
func or(p *int32, value int32) int32 {
	if p == nil {
		return value
	}
	return *p
}

func deploymentRollout(d *appsv1.Deployment) Rollout {
	if r, yes := unseen(d.Generation, d.Status.ObservedGeneration); yes {
		return r
	}
	s := d.Status
	r := steps{or(d.Spec.Replicas, 1), s.UpdatedReplicas, s.Replicas, s.AvailableReplicas}.rollout()
	if r.Done {
		return r
	}
	if d.Spec.Paused {
		r.Failed = "its rollout is paused: kubectl rollout resume"
	}
	return r // a progressDeadlineSeconds that is over ends nothing: the pods are tried on
}

func daemonSetRollout(d *appsv1.DaemonSet) Rollout {
	if r, yes := unseen(d.Generation, d.Status.ObservedGeneration); yes {
		return r
	}
	s := d.Status
	if d.Spec.UpdateStrategy.Type == appsv1.OnDeleteDaemonSetStrategyType {
		return Rollout{Done: true, State: "its pods take the change up when they are deleted (updateStrategy OnDelete)"}
	}
	if s.DesiredNumberScheduled == 0 {
		return Rollout{State: "no node matches its node selector and tolerations"}
	}
	return steps{s.DesiredNumberScheduled, s.UpdatedNumberScheduled, s.UpdatedNumberScheduled, s.NumberAvailable}.rollout()
}

func statefulSetRollout(d *appsv1.StatefulSet) Rollout {
	if r, yes := unseen(d.Generation, d.Status.ObservedGeneration); yes {
		return r
	}
	s, wanted := d.Status, or(d.Spec.Replicas, 1)
	if d.Spec.UpdateStrategy.Type == appsv1.OnDeleteStatefulSetStrategyType {
		return Rollout{Done: true, State: "its pods take the change up when they are deleted (updateStrategy OnDelete)"}
	}
	updated := s.UpdatedReplicas
	if s.UpdateRevision == s.CurrentRevision {
		updated = s.Replicas
	}
	if ru := d.Spec.UpdateStrategy.RollingUpdate; ru != nil && or(ru.Partition, 0) > 0 { // the pods below it stay as they are
		wanted = max(0, wanted-or(ru.Partition, 0))
		return steps{wanted, min(updated, wanted), min(updated, wanted), min(s.ReadyReplicas, wanted)}.rollout()
	}
	return steps{wanted, updated, s.Replicas, s.ReadyReplicas}.rollout()
}

func jobRollout(j *batchv1.Job) Rollout {
	for _, c := range j.Status.Conditions {
		switch {
		case c.Status != corev1.ConditionTrue:
		case c.Type == batchv1.JobComplete:
			return Rollout{Done: true, State: "it is complete"}
		case c.Type == batchv1.JobFailed:
			return Rollout{State: "it has failed", Failed: c.Reason + ": " + c.Message}
		case c.Type == batchv1.JobSuspended:
			return Rollout{Done: true, State: "it is suspended"}
		}
	}
	return Rollout{State: fmt.Sprintf("%d of %d pods are done", j.Status.Succeeded, or(j.Spec.Completions, 1))}
}
