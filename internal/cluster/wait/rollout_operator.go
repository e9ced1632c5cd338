package wait

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// patienceOfOperators is the time that the registry operator has to recover from an error: what it
// requires may be only a moment old.
const patienceOfOperators = 5 * time.Second

// operatorConfig is what is read of the configuration of OpenShift 4's registry operator.
type operatorConfig struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct{ ManagementState string }
	Status            struct {
		ObservedGeneration int64
		Conditions         []operatorCondition
	}
}

type operatorCondition struct{ Type, Status, Reason, Message string }

// operatorRollout tells how far the registry operator is. What it cannot do is in Degraded
// where it will not try again, and in Progressing where it does.
func operatorRollout(c *operatorConfig) Rollout {
	if r, yes := unseen(c.Generation, c.Status.ObservedGeneration); yes {
		return r
	}
	is := map[string]operatorCondition{}
	for _, condition := range c.Status.Conditions {
		is[condition.Type] = condition
	}
	degraded, progressing, available := is["Degraded"], is["Progressing"], is["Available"]
	switch {
	case c.Spec.ManagementState == "Unmanaged":
		return Rollout{Done: true, State: "its operator leaves the registry as it is"}
	case c.Spec.ManagementState == "Removed":
		return Rollout{Done: is["Removed"].Status == "True" && progressing.Status == "False", State: progressing.text()}
	case progressing.Reason == "Error":
		return Rollout{State: progressing.text(), Failed: "its operator cannot go on"}
	case degraded.Status == "True" && degraded.Reason != "Unavailable":
		return Rollout{State: degraded.text(), Failed: "its operator cannot go on"}
	case available.Status == "True" && progressing.Status == "False":
		return Rollout{Done: true, State: strings.ToLower(available.text())}
	case progressing.Status == "True" || available.Status != "False":
		return Rollout{State: progressing.text()}
	}
	return Rollout{State: available.text()}
}

// text is what the operator says.
func (c operatorCondition) text() string {
	return cmp.Or(c.Message, "its operator has not said anything yet")
}

// operatorReason says what to do about the operator's error; where it has none, why the registry's pods are not ready.
func operatorReason(ctx context.Context, c *cluster.Client, o *cluster.Object) (*Reason, error) {
	config, err := cluster.Decode[operatorConfig](o)
	if err != nil {
		return nil, err
	}
	if r := operatorRollout(config); r.Failed != "" {
		return &Reason{Advice: OperatorAdvice(r.State)}, nil
	}
	const namespace = "openshift-image-registry"
	workload, err := c.Get(ctx, cluster.Ref{GVK: cluster.GVK{Group: "apps", Version: "v1", Kind: "Deployment"}, Namespace: namespace, Name: "image-registry"})
	if err != nil || workload == nil {
		return nil, err
	}
	return Diagnose(ctx, c, workload)
}

// OperatorAdvice is what to type about an error of the operator.
func OperatorAdvice(message string) string {
	for _, known := range [][2]string{
		{"storage backend not configured", "regctl registry deploy --storage pvc --claim-size 100Gi"},
		{"exactly one storage type", "name the one that has the images: regctl registry deploy --storage pvc --claim-name NAME"},
		{"persistentvolumeclaim ", "regctl registry deploy --claim-size 100Gi, which makes the claim"},
		{"more than one replica", "regctl registry deploy --replicas 1, or a claim with --claim-mode ReadWriteMany"},
		{"rollout strategy", "regctl registry deploy --rollout-strategy Recreate"},
		{"does not contain required key", "regctl registry deploy --s3-credentials-file FILE"},
		{"credentials", "regctl registry deploy --s3-credentials-file FILE"},
		{"duplication of names", "give each of the routes a name of its own: kubectl edit configs.imageregistry.operator.openshift.io cluster"},
		{"not admitted", "regctl expose image-registry --hostname NAME, with a host that is free"},
		{"is not owned by the operator", "regctl registry deploy --claim-name image-registry-storage"},
		{"contain the necessary access modes", "regctl registry deploy --claim-name NAME --claim-size 100Gi, which makes another claim"},
	} {
		if strings.Contains(message, known[0]) {
			return known[1]
		}
	}
	return "kubectl logs deployment/cluster-image-registry-operator -n openshift-image-registry"
}
