package wait

import (
	"testing"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/cluster/pods"
	"github.com/regctl/regctl/internal/plan"
	"github.com/stretchr/testify/require"
)

// live is an object as an API server would send it.
func live(t *testing.T, text string) *cluster.Object {
	t.Helper()
	o := &cluster.Object{}
	require.NoError(t, o.UnmarshalJSON([]byte(text)))
	return o
}

func TestRolloutOf(t *testing.T) {
	for name, c := range map[string]struct {
		object, state, failed string
		done                  bool
	}{
		"a deployment that nobody has looked at": {`{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"generation":2},"status":{"observedGeneration":1,"replicas":1,"updatedReplicas":1,"availableReplicas":1}}`, "its controller has not taken it up yet", "", false},
		"its new pods are not made":              {`{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"generation":2},"spec":{"replicas":3},"status":{"observedGeneration":2,"replicas":3,"updatedReplicas":1,"availableReplicas":3}}`, "1 of 3 pods are updated", "", false},
		"an old pod is left":                     {`{"kind":"Deployment","apiVersion":"apps/v1","spec":{"replicas":1},"status":{"replicas":2,"updatedReplicas":1,"availableReplicas":1}}`, "1 old pod is still to be ended", "", false},
		"its pods are not ready":                 {`{"kind":"Deployment","apiVersion":"apps/v1","status":{"replicas":1,"updatedReplicas":1}}`, "0 of 1 pods are ready", "", false},
		"it is done":                             {`{"kind":"Deployment","apiVersion":"apps/v1","status":{"replicas":1,"updatedReplicas":1,"availableReplicas":1}}`, "1 of 1 pods are ready", "", true},
		"it is scaled to 0":                      {`{"kind":"Deployment","apiVersion":"apps/v1","spec":{"replicas":0},"status":{}}`, "it is scaled to 0 replicas", "", true},
		"it is paused":                           {`{"kind":"Deployment","apiVersion":"apps/v1","spec":{"paused":true},"status":{}}`, "0 of 1 pods are updated", "its rollout is paused: kubectl rollout resume", false},

		"a daemon set on one of two nodes": {`{"kind":"DaemonSet","apiVersion":"apps/v1","status":{"desiredNumberScheduled":2,"updatedNumberScheduled":2,"numberAvailable":1}}`, "1 of 2 pods are ready", "", false},
		"a daemon set on no node":          {`{"kind":"DaemonSet","apiVersion":"apps/v1","status":{}}`, "no node matches its node selector and tolerations", "", false},
		"a daemon set that is done":        {`{"kind":"DaemonSet","apiVersion":"apps/v1","status":{"desiredNumberScheduled":2,"updatedNumberScheduled":2,"numberAvailable":2}}`, "2 of 2 pods are ready", "", true},
		"a daemon set that is left to its admin": {`{"kind":"DaemonSet","apiVersion":"apps/v1","spec":{"updateStrategy":{"type":"OnDelete"}},"status":{"desiredNumberScheduled":2}}`,
			"its pods take the change up when they are deleted (updateStrategy OnDelete)", "", true},

		"a stateful set in the middle": {`{"kind":"StatefulSet","apiVersion":"apps/v1","spec":{"replicas":2},"status":{"replicas":2,"updatedReplicas":1,"readyReplicas":2,"currentRevision":"a","updateRevision":"b"}}`, "1 of 2 pods are updated", "", false},
		"a stateful set that is done":  {`{"kind":"StatefulSet","apiVersion":"apps/v1","spec":{"replicas":2},"status":{"replicas":2,"readyReplicas":2,"currentRevision":"b","updateRevision":"b"}}`, "2 of 2 pods are ready", "", true},
		"a stateful set with a partition": {`{"kind":"StatefulSet","apiVersion":"apps/v1","spec":{"replicas":3,"updateStrategy":{"rollingUpdate":{"partition":2}}},"status":{"replicas":3,"updatedReplicas":1,"readyReplicas":3,"currentRevision":"a","updateRevision":"b"}}`,
			"1 of 1 pods are ready", "", true},

		"a job at work":         {`{"kind":"Job","apiVersion":"batch/v1","status":{"active":1}}`, "0 of 1 pods are done", "", false},
		"a job that is done":    {`{"kind":"Job","apiVersion":"batch/v1","status":{"conditions":[{"type":"Complete","status":"True"}]}}`, "it is complete", "", true},
		"a job that has failed": {`{"kind":"Job","apiVersion":"batch/v1","status":{"conditions":[{"type":"Failed","status":"True","reason":"BackoffLimitExceeded","message":"too often"}]}}`, "it has failed", "BackoffLimitExceeded: too often", false},

		"a deployment config before its first rollout": {`{"kind":"DeploymentConfig","apiVersion":"apps.openshift.io/v1","metadata":{"name":"r"},"spec":{"replicas":1,"triggers":[{"type":"ConfigChange"}]},"status":{}}`, "no rollout has begun", "", false},
		"a deployment config without a trigger": {`{"kind":"DeploymentConfig","apiVersion":"apps.openshift.io/v1","metadata":{"name":"r"},"spec":{"replicas":1},"status":{}}`,
			"no rollout has begun", "it has no trigger, so a rollout must be asked for: oc rollout latest dc/r", false},
		"a deployment config whose deployer works": {`{"kind":"DeploymentConfig","apiVersion":"apps.openshift.io/v1","spec":{"replicas":1},"status":{"latestVersion":2,"replicas":1,"updatedReplicas":1,"availableReplicas":1,"conditions":[{"type":"Progressing","status":"Unknown"}]}}`,
			"rollout #2 is running", "", false},
		"a deployment config that is done": {`{"kind":"DeploymentConfig","apiVersion":"apps.openshift.io/v1","spec":{"replicas":1},"status":{"latestVersion":2,"replicas":1,"updatedReplicas":1,"availableReplicas":1,"conditions":[{"type":"Progressing","status":"True","reason":"NewReplicationControllerAvailable"}]}}`,
			"1 of 1 pods are ready", "", true},
		"a deployment config that was given up": {`{"kind":"DeploymentConfig","apiVersion":"apps.openshift.io/v1","spec":{"replicas":1},"status":{"latestVersion":2,"replicas":1,"availableReplicas":1,"conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded","message":"timed out"}]}}`,
			"0 of 1 pods are updated", "ProgressDeadlineExceeded: timed out", false},

		"what has no pods": {`{"kind":"Secret","apiVersion":"v1"}`, "", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := RolloutOf(live(t, c.object))
			require.NoError(t, err)
			require.Equal(t, Rollout{Done: c.done, State: c.state, Failed: c.failed}, r)
		})
	}
}

func TestConfigIsStale(t *testing.T) {
	dc := live(t, `{"kind":"DeploymentConfig","apiVersion":"apps.openshift.io/v1","metadata":{"name":"r","namespace":"ns"},"spec":{"template":{"spec":{"containers":[{"name":"a","ports":[{"containerPort":5000}]}]}}},"status":{"latestVersion":3}}`)
	rc := live(t, `{"kind":"ReplicationController","apiVersion":"v1","metadata":{"annotations":{"openshift.io/encoded-deployment-config":"{\"kind\":\"DeploymentConfig\",\"apiVersion\":\"apps.openshift.io/v1\",\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"a\",\"ports\":[{\"containerPort\":5000}]}]}}}}"}}}`)
	require.False(t, configIsStale(dc, rc))
	wordy := live(t, `{"kind":"DeploymentConfig","apiVersion":"apps.openshift.io/v1","spec":{"template":{"spec":{"containers":[{"name":"a","ports":[{"containerPort":5000}],"resources":{},"env":[],"tty":false,"workingDir":""}]}}}}`)
	require.False(t, configIsStale(wordy, rc), "what is empty is written by some and not by others")
	require.False(t, configIsStale(dc, nil), "one that cannot be read proves nothing")
	require.Equal(t, cluster.Ref{GVK: cluster.CoreKind("ReplicationController"), Namespace: "ns", Name: "r-3"}, latestController(dc))
	changed := live(t, `{"kind":"DeploymentConfig","apiVersion":"apps.openshift.io/v1","spec":{"template":{"spec":{"containers":[{"name":"b"}]}}}}`)
	require.True(t, configIsStale(changed, rc))
}

func TestSelector(t *testing.T) {
	for text, want := range map[string]string{
		`{"kind":"Deployment","apiVersion":"apps/v1","spec":{"selector":{"matchLabels":{"b":"2","a":"1"}}}}`:                                                    "a=1,b=2",
		`{"kind":"Deployment","apiVersion":"apps/v1","spec":{"selector":{"matchExpressions":[{"key":"a","operator":"In","values":["1","2"]}]}}}`:                "a in (1,2)",
		`{"kind":"DeploymentConfig","apiVersion":"apps.openshift.io/v1","spec":{"selector":{"docker-registry":"default"}}}`:                                     "docker-registry=default",
		`{"kind":"DeploymentConfig","apiVersion":"apps.openshift.io/v1","spec":{}}`:                                                                             "",
		`{"kind":"Deployment","apiVersion":"apps/v1","spec":{"selector":{"matchLabels":{"a":"1"},"matchExpressions":[{"key":"b","operator":"DoesNotExist"}]}}}`: "a=1,!b",
	} {
		require.Equal(t, want, pods.Selector(live(t, text)), text)
	}
}

func TestWaitedFor(t *testing.T) {
	deploy := &change.Apply{Object: live(t, `{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"r","namespace":"ns"}}`)}
	secret := &change.Apply{Object: live(t, `{"kind":"Secret","apiVersion":"v1","metadata":{"name":"r","namespace":"ns"}}`)}
	edit := &change.Edit{Ref: cluster.Ref{GVK: cluster.GVK{Group: "apps", Version: "v1", Kind: "DaemonSet"}, Namespace: "ns", Name: "d"}}
	gone := &change.Delete{Ref: edit.Ref}
	result := func(c plan.Change, a plan.Action) plan.Result { return plan.Result{Change: c, Action: a} }
	require.Equal(t, []cluster.Ref{deploy.Ref()}, waitedFor([]plan.Result{
		result(deploy, plan.Unchanged), result(secret, plan.Created), result(edit, plan.Unchanged), result(gone, plan.Removed),
	}), "what was applied is waited for even where it is unchanged, what was edited is not")
	require.Equal(t, []cluster.Ref{edit.Ref, deploy.Ref()}, waitedFor([]plan.Result{
		result(edit, plan.Configured), result(edit, plan.Configured), result(deploy, plan.Created),
	}))
	claim := live(t, `{"kind":"PersistentVolumeClaim","apiVersion":"v1","metadata":{"name":"c","namespace":"ns"}}`)
	require.Equal(t, []cluster.Ref{cluster.RefOf(claim)}, waitedFor([]plan.Result{
		result(&change.Make{Object: claim}, plan.Created), result(&change.Make{Object: secret.Object}, plan.Created),
	}), "the reason of an unbound claim is known to the claim alone")
}

func TestClaimReason(t *testing.T) {
	r := claimReason("c", "ns", []pods.Event{{Reason: "Whatever"}, {Reason: "FailedBinding", Message: "no storage class is set"}})
	require.Equal(t, "persistentvolumeclaim/c: FailedBinding: no storage class is set", r.String())
	require.Contains(t, r.Advice, "kubectl get storageclass")
	require.Equal(t, "kubectl describe pvc c -n ns", claimReason("c", "ns", nil).Advice)
}
