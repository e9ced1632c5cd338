// Package kube runs a registry in any Kubernetes: a Deployment or a DaemonSet, its
// account, secrets, claim, Service and disruption budget.
package kube

import (
	"cmp"
	"context"
	"io"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
)

// Platform is a Kubernetes cluster, about one registry of it.
type Platform struct {
	Client    *cluster.Client
	Image     string // where none is named
	Force     bool   // overwrite fields that others own
	Rand      io.Reader
	Now       func() time.Time
	Confirm   func(question string) error // nil error: yes, do what loses images
	Warn      func(format string, args ...any)
	Say       func(format string, args ...any) // what an exposure needs; nil: it is discarded
	OpenShift int                              // 3 or 4: registries are exposed by its routers; 0: where the server says that it has some
	Flavor    Flavor                           // what is special about the cluster; nil: nothing, it is a Kubernetes

	found *found
}

var _ platform.Platform = (*Platform)(nil)

// Complete is what is wanted over what an earlier run has written down and what
// others have changed since, with the defaults.
func (p *Platform) Complete(ctx context.Context, s platform.Spec) (platform.Spec, error) {
	part := s
	part.Storage = nil // what is missing in it may be known already
	if err := check(part); err != nil {
		return s, err
	}
	found, err := p.find(ctx, s.Name)
	if err != nil {
		return s, err
	}
	base, err := found.spec()
	if err != nil {
		return s, err
	}
	full := s.Over(base)
	if full.Storage == nil && !found.foreignStorage() {
		return s, platform.ErrNoStorage
	}
	if err := p.fill(ctx, &full, found); err != nil {
		return s, err
	}
	return full, cmp.Or(check(full), p.flavor().Check(full))
}

// fill puts the defaults in.
func (p *Platform) fill(ctx context.Context, s *platform.Spec, found *found) error {
	if s.Workload == nil {
		s.Workload = &platform.Workload{}
	}
	w := s.Workload
	w.MountPath = cmp.Or(w.MountPath, "/registry")
	if w.Ports == nil {
		w.Ports = []platform.Port{{Container: 5000}}
	}
	// the one name has the account and the label of old; others must not share them
	label, account := "default", "registry"
	if s.Name != platform.DefaultName {
		label, account = s.Name, s.Name
	}
	w.ServiceAccount = cmp.Or(w.ServiceAccount, account)
	if w.Labels == nil {
		w.Labels = map[string]string{"docker-registry": label}
	}
	if err := p.flavor().Fill(ctx, s, Live{found}); err != nil {
		return err
	}
	if s.TLS == nil {
		s.TLS = &platform.TLS{}
	}
	switch {
	case s.TLS.Off:
	case s.TLS.Certificate != nil: // beside the one that is made, whose CA does not belong to it
		s.TLS.Secret = cmp.Or(s.TLS.Secret, s.Name+"-certs")
	default:
		s.TLS.Secret = cmp.Or(s.TLS.Secret, s.Name+"-tls")
	}
	if s.Auth == nil {
		s.Auth = &platform.Auth{Kind: platform.AuthHtpasswd}
	}
	if s.Auth.Kind == platform.AuthHtpasswd {
		s.Auth.Secret = cmp.Or(s.Auth.Secret, s.Name+"-users")
	}
	fillStorage(s)
	return nil
}

func fillStorage(s *platform.Spec) {
	if s.Storage.Kind() == platform.KindPVC && s.Storage.PVC.Size != "" {
		pvc := s.Storage.PVC
		pvc.Claim = cmp.Or(pvc.Claim, s.Name)
		if size, err := cluster.Quantity(pvc.Size); err == nil { // else check says what is wrong
			pvc.Size = size
		}
	}
	if store := s.Storage.ObjectStore(); store != nil && store.Login().Credentials != nil {
		store.Login().Secret = cmp.Or(store.Login().Secret, s.Name+"-"+store.Name())
	}
}

// Plan is what makes a complete Spec so, in the order in which it has to be made.
func (p *Platform) Plan(ctx context.Context, s platform.Spec) ([]plan.Change, error) {
	found, err := p.find(ctx, s.Name)
	if err != nil {
		return nil, err
	}
	b := &builder{Platform: p, ctx: ctx, s: s, found: found}
	if b.claim, err = p.findClaim(ctx, s); err != nil {
		return nil, err
	}
	b.keepLargerClaim()
	if err := b.refuseLoss(); err != nil {
		return nil, err
	}
	changes, err := b.changes()
	if err != nil || s.Exposure == nil {
		return changes, err
	}
	return p.exposure(s.Name, *s.Exposure).Beside(ctx, changes)
}
