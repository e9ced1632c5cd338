package wait

import (
	"encoding/json"
	"testing"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/stretchr/testify/require"
)

func TestOperatorRollout(t *testing.T) {
	for name, c := range map[string]struct {
		text         string
		done         bool
		state, wrong string
	}{
		"not seen yet":  {`{"metadata":{"generation":2},"spec":{"managementState":"Managed"},"status":{"observedGeneration":1,"conditions":[{"type":"Available","status":"True"},{"type":"Progressing","status":"False"}]}}`, false, "its controller has not taken it up yet", ""},
		"no word":       {`{"spec":{"managementState":"Managed"}}`, false, "its operator has not said anything yet", ""},
		"ready":         {`{"spec":{"managementState":"Managed"},"status":{"conditions":[{"type":"Available","status":"True","message":"The registry is ready"},{"type":"Progressing","status":"False"},{"type":"Degraded","status":"False"}]}}`, true, "the registry is ready", ""},
		"rolling out":   {`{"spec":{"managementState":"Managed"},"status":{"conditions":[{"type":"Available","status":"True"},{"type":"Progressing","status":"True","message":"The deployment has not completed"}]}}`, false, "The deployment has not completed", ""},
		"no pod":        {`{"spec":{"managementState":"Managed"},"status":{"conditions":[{"type":"Available","status":"False","message":"no replicas"},{"type":"Progressing","status":"False"},{"type":"Degraded","status":"True","reason":"Unavailable","message":"no replicas"}]}}`, false, "no replicas", ""},
		"cannot":        {`{"spec":{"managementState":"Managed"},"status":{"conditions":[{"type":"Available","status":"True"},{"type":"Progressing","status":"True","reason":"Error","message":"Unable to apply resources: x"},{"type":"Degraded","status":"False"}]}}`, false, "Unable to apply resources: x", "its operator cannot go on"},
		"degraded":      {`{"spec":{"managementState":"Managed"},"status":{"conditions":[{"type":"Available","status":"True"},{"type":"Progressing","status":"False"},{"type":"Degraded","status":"True","reason":"RouteDegraded","message":"route x not admitted"}]}}`, false, "route x not admitted", "its operator cannot go on"},
		"left alone":    {`{"spec":{"managementState":"Unmanaged"}}`, true, "its operator leaves the registry as it is", ""},
		"being removed": {`{"spec":{"managementState":"Removed"},"status":{"conditions":[{"type":"Progressing","status":"True","message":"The deployment is being removed"},{"type":"Removed","status":"True"}]}}`, false, "The deployment is being removed", ""},
		"removed":       {`{"spec":{"managementState":"Removed"},"status":{"conditions":[{"type":"Progressing","status":"False","message":"gone"},{"type":"Removed","status":"True"}]}}`, true, "gone", ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := &cluster.Object{Object: map[string]any{}}
			require.NoError(t, json.Unmarshal([]byte(c.text), &o.Object))
			o.SetKind("Config")
			r, err := RolloutOf(o)
			require.NoError(t, err)
			require.Equal(t, Rollout{Done: c.done, State: c.state, Failed: c.wrong}, r)
		})
	}
}

func TestOperatorAdvice(t *testing.T) {
	for message, want := range map[string]string{
		"Error: storage backend not configured": "regctl registry deploy --storage pvc --claim-size 100Gi",
		`unable to sync storage configuration: cannot use ReadWriteOnce access mode with more than one replica of the image registry`: "regctl registry deploy --replicas 1, or a claim with --claim-mode ReadWriteMany",
		`secret "openshift-image-registry/image-registry-private-configuration-user" does not contain required key "x"`:               "regctl registry deploy --s3-credentials-file FILE",
		"something new": "kubectl logs deployment/cluster-image-registry-operator -n openshift-image-registry",
	} {
		require.Equal(t, want, OperatorAdvice(message))
	}
}
