package wait

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster/pods"
	corev1 "k8s.io/api/core/v1"
)

// Reason is why a pod does not do its work.
type Reason struct {
	About  string // pod/docker-registry-7d4b9-x2x5z
	Text   string // container registry: ImagePullBackOff: …
	Advice string // what to type next
	Crash  string // the container that ended: its last lines say more
	Again  bool   // Crash has been started again, so its last lines are those of the one before
	Early  bool   // it may well pass on its own
}

// String names what the reason is about first.
func (r *Reason) String() string { return r.About + ": " + r.Text }

// Blocked finds why the newest pods of a workload are not ready; nil where nothing is
// wrong with them. The events are those of the pods.
func Blocked(running []corev1.Pod, events []pods.Event) *Reason {
	var found *Reason
	for _, p := range pods.Newest(running) {
		if pods.PodReady(&p) || p.Status.Phase == corev1.PodSucceeded || p.DeletionTimestamp != nil {
			continue
		}
		r := podReason(&p, eventsOf(events, "Pod", p.Name))
		if r != nil && (found == nil || rank(r) > rank(found)) {
			found = r
		}
	}
	return found
}

// rank prefers what says why over what only says that something is under way.
func rank(r *Reason) int {
	if r.Advice == "" {
		return 0
	}
	return 1
}

func eventsOf(events []pods.Event, kind, name string) []pods.Event {
	return slices.DeleteFunc(slices.Clone(events), func(e pods.Event) bool { return e.Kind != kind || e.Name != name })
}

func podReason(p *corev1.Pod, events []pods.Event) *Reason {
	r := &Reason{About: "pod/" + p.Name}
	switch {
	case r.placed(p), r.refused(p), r.waiting(p), r.crashed(p), r.mounting(p, events), r.unhealthy(p, events):
		return r
	}
	r.Early = true
	if p.Status.Phase == corev1.PodPending || p.Status.Phase == "" {
		r.Text = "it is being started"
		if p.Spec.NodeName == "" {
			r.Text, r.Advice, r.Early = "no scheduler has looked for a node yet", "kubectl get nodes,pods -n kube-system", false
		}
		return r
	}
	r.Text = "it runs but is not ready yet"
	return r
}

// placed tells that no node takes the pod.
func (r *Reason) placed(p *corev1.Pod) bool {
	for _, c := range p.Status.Conditions {
		if c.Type != corev1.PodScheduled || c.Status != corev1.ConditionFalse {
			continue
		}
		r.Text, r.Advice = fmt.Sprintf("%s: %s", c.Reason, c.Message), "kubectl describe nodes"
		switch {
		case claimNamed(c.Message) != "":
			r.Advice = "kubectl get pvc -n " + p.Namespace + ", and make " + claimNamed(c.Message)
		case strings.Contains(c.Message, "PersistentVolumeClaim"), strings.Contains(c.Message, "persistentvolumeclaim"), strings.Contains(c.Message, "volume node affinity"), strings.Contains(c.Message, "persistent volumes to bind"):
			r.Advice = "kubectl describe pvc -n " + p.Namespace
		case strings.Contains(c.Message, "affinity/selector"):
			r.Advice = "kubectl get nodes --show-labels"
		}
		return true
	}
	return false
}

var missingClaim = regexp.MustCompile(`persistentvolumeclaim "([^"]+)" not found`)

func claimNamed(message string) string {
	if m := missingClaim.FindStringSubmatch(message); m != nil {
		return "persistentvolumeclaim/" + m[1]
	}
	return ""
}

// refused tells that the node turned the pod away, or put it out again.
func (r *Reason) refused(p *corev1.Pod) bool {
	if p.Status.Phase != corev1.PodFailed || p.Status.Reason == "" {
		return false
	}
	r.Text, r.Advice = p.Status.Reason+": "+p.Status.Message, describePod(p)
	return true
}

func describePod(p *corev1.Pod) string {
	return fmt.Sprintf("kubectl describe pod %s -n %s", p.Name, p.Namespace)
}

// waiting tells that a container cannot be started.
func (r *Reason) waiting(p *corev1.Pod) bool {
	for _, s := range pods.Statuses(p) {
		w := s.State.Waiting
		if w == nil || slices.Contains([]string{"", "ContainerCreating", "PodInitializing", "CrashLoopBackOff"}, w.Reason) {
			continue
		}
		r.Text = fmt.Sprintf("container %s: %s", s.Name, strings.TrimSuffix(w.Reason+": "+w.Message, ": "))
		r.Advice = waitingAdvice(p, s, w)
		return true
	}
	return false
}

var missingObject = regexp.MustCompile(`(secret|configmap) "([^"]+)" not found`)

// createMissing is the command that creates a secret or config map.
func createMissing(kind, name, namespace string) string {
	if kind == "secret" {
		kind = "secret generic"
	}
	return fmt.Sprintf("create it: kubectl create %s %s -n %s --from-file=FILE", kind, name, namespace)
}

func waitingAdvice(p *corev1.Pod, s corev1.ContainerStatus, w *corev1.ContainerStateWaiting) string {
	if m := missingObject.FindStringSubmatch(w.Message); m != nil {
		return createMissing(m[1], m[2], p.Namespace)
	}
	switch w.Reason {
	case "ErrImageNeverPull", "ImagePullBackOff", "ErrImagePull", "ImageInspectError", "RegistryUnavailable":
		return pullAdvice(s.Image, w.Message)
	case "InvalidImageName":
		return "name the image as HOST/REPOSITORY:TAG with --image"
	}
	if strings.Contains(w.Message, "runAsNonRoot") || strings.Contains(w.Message, "non-root") {
		return "use an image whose user is a number other than 0, such as that of regctl image save-self"
	}
	return describePod(p)
}

// pullAdvice knows regctl's own image, which no registry has before it is put there.
func pullAdvice(image, message string) string {
	switch {
	case strings.Contains(message, "x509:"):
		return "make the nodes trust the registry's CA: regctl trust add HOST --ca FILE on each"
	case strings.Contains(message, "401") || strings.Contains(message, "403 ") || strings.Contains(message, "authoriz"):
		return "give the pull a secret: regctl secrets new-dockercfg, and regctl secrets link default SECRET --for=pull"
	case strings.Contains(image, "regctl"):
		return "put the image on each node: regctl image save-self - | ctr -n k8s.io images import -; or name another: --image HOST/REPOSITORY:TAG"
	}
	return "see whether the image is there: regctl image inspect " + image
}

// crashed tells that a container ended though it should run.
func (r *Reason) crashed(p *corev1.Pod) bool {
	for _, s := range pods.Statuses(p) {
		t, again := s.State.Terminated, false
		if t == nil && s.RestartCount > 0 && !s.Ready {
			t, again = s.LastTerminationState.Terminated, true
		}
		if t == nil || t.ExitCode == 0 && s.RestartCount == 0 {
			continue
		}
		r.Text = fmt.Sprintf("container %s crashes: %s, %s", s.Name, ended(t), restarts(s.RestartCount))
		r.Crash, r.Again = s.Name, again
		r.Advice = fmt.Sprintf("kubectl logs %s -c %s -n %s", p.Name, s.Name, p.Namespace)
		if again {
			r.Advice += " --previous"
		}
		if t.Reason == "OOMKilled" {
			r.Advice = "give it more memory than its limit: kubectl set resources, or look who uses it: " + describePod(p)
		}
		return true
	}
	return false
}

func ended(t *corev1.ContainerStateTerminated) string {
	text := fmt.Sprintf("exit status %d", t.ExitCode)
	if t.Reason != "" && t.Reason != "Error" && t.Reason != "Completed" {
		text = t.Reason + ", " + text
	}
	if t.Message != "" {
		text += ": " + strings.TrimSpace(t.Message)
	}
	return text
}

func restarts(n int32) string {
	if n == 1 {
		return "1 restart"
	}
	return fmt.Sprintf("%d restarts", n)
}

// mounting tells that a volume or the network of the pod cannot be made.
func (r *Reason) mounting(p *corev1.Pod, events []pods.Event) bool {
	for _, s := range pods.Statuses(p) {
		if s.State.Running != nil {
			return false
		}
	}
	for _, e := range events {
		if e.Type != corev1.EventTypeWarning || !slices.Contains([]string{"FailedMount", "FailedAttachVolume", "FailedMapVolume", "FailedCreatePodSandBox", "NetworkNotReady", "FailedScheduling"}, e.Reason) {
			continue
		}
		r.Text, r.Advice = e.Reason+": "+e.Message, describePod(p)
		if m := missingObject.FindStringSubmatch(e.Message); m != nil {
			r.Advice = createMissing(m[1], m[2], p.Namespace)
		}
		if strings.Contains(e.Message, "hostPath type check failed") {
			r.Advice = "make the folder on the node that the pod is on (" + p.Spec.NodeName + ")"
		}
		return true
	}
	return false
}

// unhealthy tells what a probe found.
func (r *Reason) unhealthy(p *corev1.Pod, events []pods.Event) bool {
	if p.Status.Phase != corev1.PodRunning {
		return false
	}
	for _, e := range events {
		if e.Reason != "Unhealthy" {
			continue
		}
		r.Text, r.Advice = e.Message, fmt.Sprintf("kubectl logs %s -n %s", p.Name, p.Namespace)
		r.Early = e.Count < 3 && pods.Restarts(p) == 0
		if strings.Contains(e.Message, "HTTP response to HTTPS client") {
			r.Advice = "the probes use HTTPS but the registry serves HTTP: regctl registry deploy makes both the same"
		}
		if strings.Contains(e.Message, "statuscode: 400") || strings.Contains(e.Message, "malformed HTTP response") {
			r.Advice = "the registry speaks TLS and its probes do not: regctl registry deploy makes both the same"
		}
		return true
	}
	return false
}
