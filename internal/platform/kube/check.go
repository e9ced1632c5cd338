package kube

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

// Access modes of claims.
const (
	once    = "ReadWriteOnce"
	oncePod = "ReadWriteOncePod"
	many    = "ReadWriteMany"
)

// check says what in a Spec an API server would refuse, before it is asked.
func check(s platform.Spec) error {
	if s.Service != nil {
		return hint.BadUsage(fmt.Errorf("service: %w: orchestration, nodes and cluster name require OpenSVC", platform.ErrUnsupported), "omit it, or add --platform opensvc")
	}
	checks := []error{cluster.CheckServiceName(s.Name)}
	if w := s.Workload; w != nil {
		checks = append(checks, cluster.CheckLabels(w.Labels), cluster.CheckLabels(w.NodeSelector), checkName("service account", w.ServiceAccount))
	}
	if s.TLS != nil {
		checks = append(checks, checkName("tls: secret", s.TLS.Secret))
	}
	if s.Auth != nil {
		checks = append(checks, checkName("auth: secret", s.Auth.Secret))
	}
	if s.Storage != nil && s.Storage.PVC != nil {
		checks = append(checks, checkClaim(s.Storage.PVC))
	}
	checks = append(checks, s.Check())
	for _, err := range checks {
		if err != nil {
			return hint.BadUsage(err, hint.Of(err))
		}
	}
	return nil
}

func checkName(what, name string) error {
	if name == "" {
		return nil
	}
	if err := cluster.CheckName(name); err != nil {
		return fmt.Errorf("%s %w", what, err)
	}
	return nil
}

func checkClaim(c *platform.PVC) error {
	modes := []string{once, oncePod, many}
	switch {
	case c.Mode != "" && !slices.Contains(modes, c.Mode):
		return fmt.Errorf("claim mode %q: must be one of %s", c.Mode, strings.Join(modes, ", "))
	case c.Claim == "":
		return hint.New(errors.New("storage: requires the name of a persistent volume claim"), "add --claim-name NAME for an existing claim, or --claim-size 10Gi to create one")
	case c.Size == "" && (c.Class != "" || c.Mode != ""):
		return hint.New(errors.New("storage: claim class and mode require a claim size"), "add --claim-size 10Gi")
	}
	if c.Size != "" {
		if _, err := cluster.Quantity(c.Size); err != nil {
			return fmt.Errorf("claim %w", err)
		}
	}
	return checkName("claim", c.Claim)
}

// refuseLoss refuses what loses or corrupts images, and asks where the user may know better.
func (b *builder) refuseLoss() error {
	if live := b.found.selector(); live != nil && b.sameKind() && !maps.Equal(live, b.s.Workload.Labels) {
		return hint.Errorf(fmt.Sprintf("use --labels %s, or delete the registry first, which keeps its claim: regctl registry delete %s -n %s", join(live), b.s.Name, b.Client.Namespace),
			"%s: the pod selector cannot be changed from %s to %s", b.found.ref(b.s.Name), join(live), join(b.s.Workload.Labels))
	}
	if b.switches() {
		b.Warn("%s is replaced: the registry is unavailable until the new pods are ready", b.found.ref(b.s.Name))
	}
	if err := cmp.Or(b.refuseClaimChange(), b.refuseSharing(), b.confirmMove()); err != nil {
		return err
	}
	b.warn()
	return nil
}

// warn says what the user has to know before it happens.
func (b *builder) warn() {
	b.flavor().Warn(b.s, Live{b.found})
	if b.claim != nil && b.found.storage().Place() != b.s.Storage.Place() {
		if other := b.claim.GetLabels()[mark]; other != "" && other != b.s.Name {
			b.Warn("%s belongs to registry %s: two registries on one claim corrupt each other's uploads, and deleting %[2]s with --delete-claims deletes it", cluster.RefOf(b.claim), other)
		}
	}
	if b.s.TLS.Off && b.s.Auth.Kind == platform.AuthHtpasswd {
		b.Warn("without TLS, passwords and images are sent unencrypted in the cluster's network")
	}
}

// keepLargerClaim keeps the size of a claim that others have made larger since it was written down.
func (b *builder) keepLargerClaim() {
	noted, _ := b.found.noted()
	if b.claim == nil || noted.Storage.Kind() != platform.KindPVC || *noted.Storage.PVC != *b.s.Storage.PVC {
		return
	}
	size, _ := nested[string](b.claim, "spec", "resources", "requests", "storage")
	if cluster.CompareSizes(size, b.s.Storage.PVC.Size) > 0 {
		larger := *b.s.Storage.PVC
		larger.Size = size
		b.s.Storage = &platform.Storage{PVC: &larger}
	}
}

// refuseClaimChange refuses to change what a claim keeps for life.
func (b *builder) refuseClaimChange() error {
	if b.claim == nil || b.s.Storage.PVC.Size == "" {
		return nil
	}
	want := b.s.Storage.PVC
	class, _ := nested[string](b.claim, "spec", "storageClassName")
	modes, _ := nested[list](b.claim, "spec", "accessModes")
	size, _ := nested[string](b.claim, "spec", "resources", "requests", "storage")
	phase, _ := nested[string](b.claim, "status", "phase")
	what := ""
	switch {
	case want.Class != "" && class != want.Class:
		what = fmt.Sprintf("the class of a claim cannot be changed from %s to %s", cmp.Or(class, "none"), want.Class)
	case want.Mode != "" && (len(modes) != 1 || modes[0] != want.Mode):
		what = fmt.Sprintf("the mode of a claim cannot be changed from %v to %s", modes, want.Mode)
	case phase == "Pending" && cluster.CompareSizes(want.Size, size) != 0:
		return hint.Errorf("the claim is empty: delete it, then run the command again: kubectl delete pvc "+want.Claim+" -n "+b.Client.Namespace,
			"%s: the size of an unbound claim cannot be changed from %s to %s", cluster.RefOf(b.claim), size, want.Size)
	case cluster.CompareSizes(want.Size, size) < 0:
		what = fmt.Sprintf("the size of a claim cannot be reduced from %s to %s", size, want.Size)
	default:
		return nil
	}
	return hint.Errorf("create another one with --claim-name, then copy the images: regctl image copy", "%s: %s", cluster.RefOf(b.claim), what)
}

// refuseSharing refuses several pods on storage that only one can write.
func (b *builder) refuseSharing() error {
	why := b.whyOnePod()
	if why == "" || b.replicas() < 2 && !b.daemonSet() {
		return nil
	}
	what := fmt.Sprintf("%d replicas", b.replicas())
	if b.daemonSet() {
		what = "a daemon set"
	} else if b.s.Workload.Replicas == nil {
		b.Warn("%s on %s: %s", what, b.s.Storage.Place(), why) // others have scaled it
		return nil
	}
	return hint.BadUsage(fmt.Errorf("%s on %s: %s", what, b.s.Storage.Place(), why),
		"use --replicas 1, or shared storage: --storage nfs, s3, or pvc with --claim-mode "+many)
}

// whyOnePod says why only one pod may use the storage; "" where pods can share it.
func (b *builder) whyOnePod() string {
	mounted := b.s.Storage.Mounted()
	if mounted == nil {
		return ""
	}
	if mounted.Name() == platform.KindPVC {
		if mode := b.claimMode(); mode != "" && mode != many {
			return "it is " + mode + ", so only one node can mount it"
		}
	}
	return mounted.WhyOnePod()
}

// confirmMove asks before the registry is pointed away from the images that it has.
func (b *builder) confirmMove() error {
	was := b.found.storage()
	there := was != nil || b.found.foreignStorage()
	if !there || was.Place() == b.s.Storage.Place() {
		return nil
	}
	kept := "they are kept, but the registry no longer serves them"
	if was.Kind() == platform.KindEmptyDir {
		kept = "they are lost"
	}
	return b.Confirm(fmt.Sprintf("the images are in %s and are not copied to %s: %s; continue?", was.Place(), b.s.Storage.Place(), kept))
}

func join(labels map[string]string) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		all = append(all, key+"="+labels[key])
	}
	return strings.Join(all, ",")
}
