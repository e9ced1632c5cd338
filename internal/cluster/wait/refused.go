package wait

import (
	"fmt"
	"github.com/regctl/regctl/internal/cluster/pods"
	"regexp"
	"strings"
)

// refusal finds in the events with the reason FailedCreate why the pods of a workload
// cannot even be made; nil where they can. Pods are made by the workload itself, by
// its ReplicaSets or its ReplicationControllers, whose names begin with its own.
func refusal(kind, name, namespace string, events []pods.Event) *Reason {
	for _, e := range events {
		made := e.Kind == kind && e.Name == name
		made = made || kind == "Deployment" && e.Kind == "ReplicaSet" && suffixed(e.Name, name)
		made = made || kind == "DeploymentConfig" && e.Kind == "ReplicationController" && suffixed(e.Name, name)
		if made && e.Reason == "FailedCreate" {
			return refused(strings.ToLower(e.Kind)+"/"+e.Name, e.Message, namespace)
		}
	}
	return nil
}

// suffixed tells NAME-5d4f8c from the name of another workload that only begins alike.
func suffixed(made, name string) bool {
	rest, ok := strings.CutPrefix(made, name+"-")
	return ok && rest != "" && !strings.Contains(rest, "-")
}

var missingAccount = regexp.MustCompile(`serviceaccount "([^"]+)" not found`)

// refused says what an admission refusal means.
func refused(about, message, namespace string) *Reason {
	r := &Reason{About: about, Text: "no pod can be made: " + strings.TrimPrefix(message, "Error creating: ")}
	account := missingAccount.FindStringSubmatch(message)
	switch {
	case account != nil:
		r.Advice = fmt.Sprintf("kubectl create serviceaccount %s -n %s", account[1], namespace)
	case strings.Contains(message, "exceeded quota"), strings.Contains(message, "failed quota"):
		r.Advice = "kubectl describe quota -n " + namespace
	case strings.Contains(message, "security context constraint"):
		r.Advice = constrained(message, namespace)
	case strings.Contains(message, "PodSecurity"):
		r.Advice = fmt.Sprintf("use storage and settings that the namespace's Pod Security level allows (hostPath is not), or: kubectl label namespace %s pod-security.kubernetes.io/enforce=privileged --overwrite", namespace)
	case strings.Contains(message, "maximum ") && strings.Contains(message, "usage per"), strings.Contains(message, "minimum ") && strings.Contains(message, "usage per"):
		r.Advice = "kubectl describe limitrange -n " + namespace
	default:
		r.Advice = fmt.Sprintf("kubectl describe %s -n %s", strings.Replace(about, "/", " ", 1), namespace)
	}
	return r
}

// constrained is the command that lets the account of a pod run it; the refusal of an OpenShift 3 does not say which account that is.
func constrained(message, namespace string) string {
	scc, account := "SCC", "SERVICEACCOUNT"
	if strings.Contains(strings.ToLower(message), "privileged") {
		scc = "privileged"
	}
	if m := regexp.MustCompile(`system:serviceaccount:[^:\s]+:([a-z0-9.-]*[a-z0-9])`).FindStringSubmatch(message); m != nil {
		account = m[1]
	}
	return fmt.Sprintf("grant its service account an SCC that allows it: regctl policy add-scc-to-user %s -z %s -n %s", scc, account, namespace)
}
