package wait

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/regctl/regctl/internal/cluster/pods"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// seen is what an API server said of pods that did not become ready, less what nobody reads.
type seen struct {
	Pods   []corev1.Pod
	Events []corev1.Event
}

func readSeen(t *testing.T, name string) (running []corev1.Pod, events []pods.Event) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "reasons", name+".json"))
	require.NoError(t, err)
	var s seen
	require.NoError(t, json.Unmarshal(b, &s))
	for i := range s.Events {
		events = append(events, pods.EventOf(&s.Events[i]))
	}
	pods.NewestFirst(events)
	return s.Pods, events
}

func TestBlocked(t *testing.T) {
	for name, want := range map[string]struct{ text, advice, crash string }{
		"envsecret": {text: `container c: CreateContainerConfigError: secret "nosuch" not found`, advice: "create it: kubectl create secret generic nosuch -n w --from-file=FILE"},
		"mount":     {text: `FailedMount: MountVolume.SetUp failed for volume "v" : secret "gone" not found`, advice: "create it: kubectl create secret generic gone -n w --from-file=FILE"},
		"hostp":     {text: `hostPath type check failed: /nosuch/dir is not a directory`, advice: "make the folder on the node that the pod is on (node0)"},
		"selector":  {text: `Unschedulable: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector`, advice: "kubectl get nodes --show-labels"},
		"noclaim":   {text: `Unschedulable: 0/1 nodes are available: persistentvolumeclaim "nosuch" not found`, advice: "kubectl get pvc -n w, and make persistentvolumeclaim/nosuch"},
		"cpu":       {text: `1 Insufficient cpu`, advice: "kubectl describe nodes"},
		"crash":     {text: `container c crashes: exit status 2, `, advice: "kubectl logs crash-", crash: "c"},
		"crashenv":  {text: `container c crashes: exit status 1, `, advice: " --previous", crash: "c"},
		"oom":       {text: `container c crashes: OOMKilled, exit status 137, `, advice: "give it more memory", crash: "c"},
		"probe":     {text: `http: server gave HTTP response to HTTPS client`, advice: "the probes use HTTPS but the registry serves HTTP"},
		"probe2":    {text: `HTTP probe failed with statuscode: 400`, advice: "the registry speaks TLS and its probes do not"},
		"nocmd":     {text: `container c: RunContainerError: `, advice: "kubectl describe pod nocmd-"},
		"root":      {text: `container's runAsUser breaks non-root policy`, advice: "use an image whose user is a number other than 0"},
		"badname":   {text: `container c: InvalidImageName: `, advice: "name the image as HOST/REPOSITORY:TAG"},
		"never":     {text: `container c: ErrImageNeverPull: `, advice: "put the image on each node: regctl image save-self"},
	} {
		t.Run(name, func(t *testing.T) {
			pods, events := readSeen(t, name)
			r := Blocked(pods, events)
			require.NotNil(t, r)
			require.Equal(t, "pod/"+pods[0].Name, r.About, "the newest pod is the one that counts")
			require.Contains(t, r.Text, want.text)
			require.Contains(t, r.Advice, want.advice)
			require.Equal(t, want.crash, r.Crash)
		})
	}
}

func TestBlockedOfPodsThatAreWell(t *testing.T) {
	pods, events := readSeen(t, "probe")
	for i := range pods {
		pods[i].Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	}
	require.Nil(t, Blocked(pods, events), "what a probe said before the pod was ready is over")
	require.Nil(t, Blocked(nil, events))
	fresh := corev1.Pod{Spec: corev1.PodSpec{NodeName: "n"}, Status: corev1.PodStatus{Phase: corev1.PodPending}}
	require.True(t, Blocked([]corev1.Pod{fresh}, nil).Early)
}

func TestRefusal(t *testing.T) {
	for name, want := range map[string]struct{ kind, text, advice string }{
		"quota":   {"Deployment", "exceeded quota: q", "kubectl describe quota -n ns"},
		"ssquota": {"StatefulSet", "exceeded quota: q", "kubectl describe quota -n ns"},
		"ps":      {"Deployment", `violates PodSecurity "restricted:latest"`, "kubectl label namespace ns"},
		"lr":      {"Deployment", "must be less than or equal to cpu limit of 50m", "kubectl describe replicaset lr-"},
		"dsacc":   {"DaemonSet", `serviceaccount "nosuch" not found`, "kubectl create serviceaccount nosuch -n ns"},
		"ssacc":   {"StatefulSet", `serviceaccount "nosuch" not found`, "kubectl create serviceaccount nosuch -n ns"},
	} {
		t.Run(name, func(t *testing.T) {
			_, events := readSeen(t, name)
			r := refusal(want.kind, name, "ns", events)
			require.NotNil(t, r)
			require.Contains(t, r.Text, "no pod can be made: ")
			require.Contains(t, r.Text, want.text)
			require.Contains(t, r.Advice, want.advice)
			require.Nil(t, refusal(want.kind, name+"x", "ns", events))
		})
	}
	scc := refused("replicationcontroller/r-1", `Error creating: pods "r-1-" is forbidden: unable to validate against any security context constraint: [hostPath volumes are not allowed]`, "ns")
	require.True(t, strings.HasSuffix(scc.Advice, "regctl policy add-scc-to-user SCC -z SERVICEACCOUNT -n ns"), scc.Advice)
	scc = refused("replicationcontroller/r-1", `unable to validate against any security context constraint: [Privileged containers are not allowed to be used by system:serviceaccount:ns:registry]`, "ns")
	require.True(t, strings.HasSuffix(scc.Advice, "regctl policy add-scc-to-user privileged -z registry -n ns"), scc.Advice)
}

func TestEventsOfBothGenerations(t *testing.T) {
	var e corev1.Event
	require.NoError(t, json.Unmarshal([]byte(`{"eventTime":"2026-01-01T00:00:00.000000Z","series":{"count":7,"lastObservedTime":"2026-01-02T00:00:00.000000Z"},"reason":"FailedScheduling"}`), &e))
	got := pods.EventOf(&e)
	require.EqualValues(t, 7, got.Count)
	require.Equal(t, 2, got.Last.UTC().Day())
	e.Series = nil
	require.Equal(t, 1, pods.EventOf(&e).Last.UTC().Day())
}

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		`authorization: Bearer abc.def`:    `authorization: Bearer ***`,
		`http.secret=s3cr3t level=info`:    `http.secret=*** level=info`,
		`"password": "a b", "user": "eve"`: `"password": ***, "user": "eve"`,
		`AWS_SECRET_KEY=xyz`:               `AWS_SECRET_KEY=***`,
		`no secret was found in the token`: `no secret was found in the token`,
		`authentication required`:          `authentication required`,
	} {
		require.Equal(t, want, Redact(in))
	}
}
