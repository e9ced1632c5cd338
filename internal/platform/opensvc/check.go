package opensvc

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

// Orchestrations are what the agent may do with the service by itself.
func Orchestrations() []string { return []string{"no", "start", "ha"} }

// check says what in a Spec cannot be.
func check(s platform.Spec) error {
	if err := s.Check(); err != nil {
		return hint.BadUsage(err, "")
	}
	if o := s.Service.Orchestrate; !slices.Contains(Orchestrations(), o) {
		return hint.BadUsage(fmt.Errorf("orchestrate %q: must be one of %s", o, strings.Join(Orchestrations(), ", ")), "--orchestrate ha")
	}
	for _, word := range []string{s.Workload.Image, s.Workload.MountPath, s.Service.Nodes, s.Service.Cluster} {
		if strings.ContainsAny(word, "\n\r") || strings.ContainsAny(word, "{}") && word != s.Service.Nodes {
			return hint.BadUsage(fmt.Errorf("%q: must not contain braces or line breaks, which are special in OpenSVC configurations", word), "")
		}
	}
	if e := s.Exposure; e != nil && e.Kind != "" {
		return lacks("exposure "+e.Kind, "specify only the host, which is added to the certificate: the service has its own address and cluster DNS name")
	}
	if s.Auth.Kind == platform.AuthOpenShift {
		return lacks("--auth "+s.Auth.Kind, "--auth htpasswd")
	}
	return errors.Join(checkWorkload(s.Workload), checkStorage(s.Storage))
}

func lacks(what, instead string) error {
	return hint.BadUsage(fmt.Errorf("%s: %w (opensvc)", what, platform.ErrUnsupported), instead)
}

func checkWorkload(w *platform.Workload) error {
	switch {
	case w.Replicas != nil && *w.Replicas > 1:
		return lacks("replicas", "omit --replicas: with --orchestrate ha, the instance is restarted on another node when its node fails")
	case w.DaemonSet != nil && *w.DaemonSet:
		return lacks("a daemon set", "omit --daemonset, and specify the nodes: --nodes 'n1 n2'")
	case len(w.NodeSelector) > 0:
		return lacks("a node selector", "--nodes 'n1 n2'")
	case w.FSGroup != nil || w.SupplementalGroups != nil:
		return lacks("groups", "omit --fs-group and --supplemental-groups")
	case w.ServiceAccount != "" || w.ClusterIP != "" || w.EnforceQuota != nil || len(w.Labels) > 0:
		return lacks("service accounts, cluster addresses, labels and quotas", "omit --service-account, --cluster-ip, --labels and --enforce-quota")
	case len(w.Ports) != 1 || w.Ports[0].Host != 0:
		return lacks("several ports and node ports", "use --ports 5000: the service has its own address")
	}
	return nil
}

func checkStorage(s *platform.Storage) error {
	switch s.Kind() {
	case platform.KindNFS:
		return lacks("nfs", "mount it on the nodes, then add --storage hostpath --mount-host DIRECTORY")
	case platform.KindPVC:
		if _, ok := accesses()[s.PVC.Mode]; !ok {
			return hint.BadUsage(fmt.Errorf("claim mode %q: must be ReadWriteOnce or ReadWriteMany", s.PVC.Mode), "omit --claim-mode")
		}
		if !part.MatchString(s.PVC.Claim) {
			return hint.BadUsage(fmt.Errorf("volume %q: must consist of lower-case letters, digits and -", s.PVC.Claim), "")
		}
	}
	return nil
}

// accesses are the agent's words for Kubernetes' access modes.
func accesses() map[string]string {
	return map[string]string{"ReadWriteOnce": "rwo", "ReadWriteMany": "rwx"}
}
