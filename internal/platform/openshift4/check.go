package openshift4

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

// beside is how a registry comes to be of which everything can be said.
const beside = "your own registry beside the cluster's: --platform kubernetes"

// lacks is the error of what cannot be said to the operator.
func lacks(what, instead string) error {
	return hint.BadUsage(fmt.Errorf("%s: %w: the operator manages the cluster's registry", what, platform.ErrUnsupported), instead)
}

// check refuses what the operator does not have, before anything is read.
func check(s platform.Spec) error {
	switch {
	case !Is(s.Name):
		return lacks("registry "+s.Name, "omit the name for the cluster's registry, or run "+beside)
	case s.Namespace != "" && s.Namespace != Namespace:
		return lacks("namespace "+s.Namespace, "omit -n for the cluster's registry, or run "+beside+" -n "+s.Namespace)
	case s.Service != nil:
		return lacks("services of OpenSVC", "--platform opensvc")
	case s.Auth != nil && s.Auth.Kind != platform.AuthOpenShift:
		return lacks("auth "+s.Auth.Kind, "omit --auth to use the cluster's tokens and roles, or run "+beside)
	}
	return cmp.Or(checkWorkload(s.Workload), checkTLS(s.TLS), checkKind(s.Storage), checkOperator(s.Operator))
}

// checkWorkload lists what the operator decides by itself.
func checkWorkload(w *platform.Workload) error {
	if w == nil {
		return nil
	}
	for _, part := range []struct {
		said bool
		what string
	}{
		{w.Image != "" || w.Template != nil, "image"},
		{w.DaemonSet != nil && *w.DaemonSet, "daemon set"},
		{len(w.Ports) > 0, "ports"},
		{len(w.Labels) > 0, "labels"},
		{w.ServiceAccount != "", "service account"},
		{w.ClusterIP != "", "cluster IP"},
		{w.FSGroup != nil || w.SupplementalGroups != nil, "groups"},
		{w.MountPath != "", "mount path"},
		{w.EnforceQuota != nil, "quotas"},
	} {
		if part.said {
			return lacks(part.what, "omit it, or run "+beside)
		}
	}
	if w.Replicas != nil && *w.Replicas < 0 {
		return hint.BadUsage(fmt.Errorf("replicas %d: must not be below 0", *w.Replicas), "")
	}
	return hint.BadUsage(cluster.CheckLabels(w.NodeSelector), "")
}

func checkTLS(t *platform.TLS) error {
	switch {
	case t == nil:
	case t.Off:
		return lacks("no TLS", "omit --no-tls, or run "+beside)
	case t.Secret != "" || t.Certificate != nil:
		return lacks("a custom certificate", "set the certificate of its route, which external clients see: regctl expose --hostname HOST --cert FILE --key FILE")
	}
	return nil
}

func checkKind(s *platform.Storage) error {
	switch s.Kind() {
	case platform.KindHostPath, platform.KindNFS:
		return lacks("storage "+s.Kind(), "create a persistent volume and a claim for it, then add --storage pvc --claim-name NAME; or run "+beside)
	case platform.KindPVC:
		pvc := s.PVC
		if pvc.Mode != "" && pvc.Mode != once && pvc.Mode != many {
			return hint.BadUsage(fmt.Errorf("claim mode %q: must be %s or %s", pvc.Mode, once, many), "")
		}
		if pvc.Size == "" && (pvc.Class != "" || pvc.Mode != "") {
			return hint.BadUsage(fmt.Errorf("storage: claim class and mode require a claim size"), "add --claim-size 10Gi")
		}
	}
	return checkStore(s.ObjectStore())
}

func checkOperator(o *platform.Operator) error {
	if o == nil {
		return nil
	}
	for _, word := range []struct {
		what, is string
		may      []string
	}{
		{"state", o.State, []string{platform.Managed, platform.Unmanaged, platform.Removed}},
		{"rollout strategy", o.Strategy, []string{platform.RollingUpdate, platform.Recreate}},
	} {
		if word.is != "" && !slices.Contains(word.may, word.is) {
			return hint.BadUsage(fmt.Errorf("%s %q: must be one of %s", word.what, word.is, strings.Join(word.may, ", ")), "")
		}
	}
	if r := o.Resources; r != nil {
		for _, amounts := range []map[string]string{r.Requests, r.Limits} {
			for name, amount := range amounts {
				if _, err := cluster.Quantity(amount); err != nil {
					return hint.BadUsage(fmt.Errorf("%s=%s: not a quantity", name, amount), "cpu=500m,memory=1Gi")
				}
			}
		}
	}
	return cmp.Or(checkQueue(o.Reads), checkQueue(o.Writes))
}

func checkQueue(q *platform.Queue) error {
	if q == nil {
		return nil
	}
	if q.Wait != "" {
		if d, err := time.ParseDuration(q.Wait); err != nil || d < 0 {
			return hint.BadUsage(fmt.Errorf("wait in the queue %q: not a duration", q.Wait), "10s")
		}
	}
	if q.Running < 0 || q.Queued < 0 {
		return hint.BadUsage(fmt.Errorf("limit of requests: must not be below 0"), "")
	}
	return nil
}

// checkFull says what in a complete Spec cannot be.
func checkFull(s platform.Spec) error {
	if s.Storage.Kind() == platform.KindPVC {
		if s.Storage.PVC.Claim == "" {
			return hint.BadUsage(fmt.Errorf("storage: requires the name of a persistent volume claim"), "add --claim-name NAME for an existing claim, or --claim-size 10Gi to create one")
		}
		if s.Storage.PVC.Size != "" {
			if _, err := cluster.Quantity(s.Storage.PVC.Size); err != nil {
				return hint.BadUsage(fmt.Errorf("claim %w", err), "")
			}
		}
		if err := cluster.CheckName(s.Storage.PVC.Claim); err != nil {
			return hint.BadUsage(fmt.Errorf("claim %w", err), "")
		}
	}
	if n := s.Workload.Replicas; n != nil && *n > 1 && s.Storage.Kind() == platform.KindEmptyDir {
		return hint.BadUsage(fmt.Errorf("%d replicas on %s: pods would not share images, so pulls would fail at random", *n, s.Storage.Place()),
			"use --replicas 1, or shared storage: --storage s3, or pvc with --claim-mode "+many)
	}
	if e := s.Exposure; e != nil {
		if err := checkWay(*e); err != nil {
			return err
		}
	}
	return hint.BadUsage(s.Check(), "")
}
