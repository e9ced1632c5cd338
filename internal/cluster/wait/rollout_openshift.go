package wait

import (
	"fmt"
	"reflect"

	"github.com/regctl/regctl/internal/cluster"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// deploymentConfig is what is read of an OpenShift DeploymentConfig.
type deploymentConfig struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Replicas int32
		Paused   bool
		Triggers []struct{ Type string }
	}
	Status struct {
		LatestVersion, ObservedGeneration            int64
		Replicas, UpdatedReplicas, AvailableReplicas int32
		Conditions                                   []struct{ Type, Status, Reason, Message string }
	}
}

// configRollout follows what oc rollout status looks at. That the newest rollout is the
// one of the newest template, the DeploymentConfig itself does not tell: see configIsStale.
func configRollout(d *deploymentConfig) Rollout {
	if r, yes := unseen(d.Generation, d.Status.ObservedGeneration); yes {
		return r
	}
	s := d.Status
	if s.LatestVersion == 0 {
		r := Rollout{State: "no rollout has begun"}
		if len(d.Spec.Triggers) == 0 {
			r.Failed = "it has no trigger, so a rollout must be asked for: oc rollout latest dc/" + d.Name
		}
		return r
	}
	r := steps{d.Spec.Replicas, s.UpdatedReplicas, s.Replicas, s.AvailableReplicas}.rollout()
	if d.Spec.Paused {
		r.Done, r.Failed = false, "its rollout is paused: oc rollout resume dc/"+d.Name
	}
	for _, c := range s.Conditions {
		switch {
		case c.Type != "Progressing":
		case c.Reason == "ProgressDeadlineExceeded", c.Reason == "RolloutCancelled", c.Reason == "ReplicationControllerCreateError":
			r.Done, r.Failed = false, c.Reason+": "+c.Message
		case c.Reason != "NewReplicationControllerAvailable": // the deployer pod is still at work
			r.Done, r.State = false, fmt.Sprintf("rollout #%d is running", s.LatestVersion)
		}
	}
	return r
}

// encodedConfig is the annotation of a rollout's ReplicationController with the DeploymentConfig that it was made of.
const encodedConfig = "openshift.io/encoded-deployment-config"

// configIsStale tells that a DeploymentConfig's newest ReplicationController was made of
// another pod template than the DeploymentConfig has by now: the trigger has not fired yet.
func configIsStale(dc, rc *cluster.Object) bool {
	if rc == nil {
		return false
	}
	was := &cluster.Object{}
	if was.UnmarshalJSON([]byte(rc.GetAnnotations()[encodedConfig])) != nil {
		return false
	}
	want, _, _ := unstructured.NestedMap(dc.Object, "spec", "template", "spec")
	made, found, _ := unstructured.NestedMap(was.Object, "spec", "template", "spec")
	return found && !reflect.DeepEqual(filled(want), filled(made))
}

// filled is a value without what is empty in it: who writes an object down by Go's types adds "resources: {}" and leaves "readOnly: false" out.
func filled(value any) any {
	switch v := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for key, each := range v {
			if f := filled(each); f != nil {
				kept[key] = f
			}
		}
		if len(kept) > 0 {
			return kept
		}
		return nil
	case []any:
		var kept []any
		for _, each := range v {
			kept = append(kept, filled(each)) // also an empty one: its place counts
		}
		if len(kept) > 0 {
			return kept
		}
		return nil
	case nil, bool, string, int64, float64:
		if v == nil || reflect.ValueOf(v).IsZero() {
			return nil
		}
	}
	return value
}
