package kube

import (
	"context"
	"fmt"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/settings"
	"github.com/regctl/regctl/pkg/hint"
)

// Flavor is what is special about a kind of cluster in which registries run in pods. All
// else (storage, secrets, what may be lost, what is kept) is the same everywhere.
type Flavor interface {
	// Kinds are those of the workload, the first one that of a number of pods, the second
	// that of a daemon set; a registry may also be found as one of the others.
	Kinds() []cluster.GVK
	// Fill puts the defaults in that differ, and expands the template of the image.
	Fill(ctx context.Context, s *platform.Spec, live Live) error
	// Check says what in a complete Spec cannot be there.
	Check(s platform.Spec) error
	// Warn says what the user has to know before it happens.
	Warn(s platform.Spec, live Live)
	// Rights are changes that give the service account what it needs there, after it was made.
	Rights(ctx context.Context, s platform.Spec, live Live) ([]plan.Change, error)
	// Shape turns the Deployment or DaemonSet for a Kubernetes into the workload that is wanted there.
	Shape(s platform.Spec, live Live, workload map[string]any)
	// Images are those that may run there, as their keys are stored: true is regctl's own.
	Images() []bool
	// Budgets tells whether a disruption budget is made for several pods.
	Budgets() bool
}

// Live is the registry as it is found; it may not be there at all.
type Live struct{ f *found }

// There tells whether there is one.
func (l Live) There() bool { return l.f.workload != nil }

// Ours tells whether regctl has made it, or taken it over.
func (l Live) Ours() bool { return l.There() && l.f.workload.GetAnnotations()[SpecNote] != "" }

// Settings are what its container is told.
func (l Live) Settings() settings.Settings { return l.f.settings() }

// Container is the registry's, as the API server sends it; nil where there is none.
func (l Live) Container() map[string]any { return l.f.container() }

// Strategy is how its pods are replaced, as its workload names it; "" where it is unknown.
func (l Live) Strategy() string {
	s, _ := nested[string](l.f.workload, "spec", "strategy", "type")
	return s
}

// Privileged tells whether its container is.
func (l Live) Privileged() bool {
	security, _ := l.Container()["securityContext"].(object)
	return security["privileged"] == true
}

// Replicas is how many pods there are to be, whoever has said so; 1 where nobody has.
func (l Live) Replicas() int64 {
	if n, ok := nested[int64](l.f.workload, "spec", "replicas"); ok {
		return n
	}
	return 1
}

// Storage is where the images are now; nil where it is unknown.
func (l Live) Storage() *platform.Storage { return l.f.storage() }

// TLS tells whether others than regctl have given it a certificate.
func (l Live) TLS() bool { return l.f.foreignTLS() }

// plain is Kubernetes itself.
type plain struct{ *Platform }

func (plain) Kinds() []cluster.GVK { return []cluster.GVK{deployment(), daemonSet()} }

func (p plain) Fill(_ context.Context, s *platform.Spec, _ Live) error {
	w := s.Workload
	if w.FSGroup == nil && w.SupplementalGroups == nil {
		group := int64(user)
		w.FSGroup = &group
	}
	ExpandImage(w, p.Image, platform.Tag(p.Image))
	return nil
}

func (plain) Check(s platform.Spec) error {
	if s.Auth.Kind == platform.AuthOpenShift {
		return hint.BadUsage(fmt.Errorf("auth %s: %w", s.Auth.Kind, platform.ErrUnsupported), "--auth "+platform.AuthHtpasswd)
	}
	return nil
}

func (p plain) Warn(s platform.Spec, live Live) {
	if s.Storage.Kind() == platform.KindHostPath && live.Storage().Kind() != platform.KindHostPath {
		p.Platform.Warn("the pod is not privileged: the directory must be writable by its user on each node that runs it: sudo install -d -o %d %s", user, s.Storage.HostPath.Path)
	}
	if s.Workload.EnforceQuota != nil && *s.Workload.EnforceQuota {
		p.Platform.Warn("--enforce-quota has no effect here: only OpenShift enforces image quotas")
	}
}

func (plain) Rights(context.Context, platform.Spec, Live) ([]plan.Change, error) { return nil, nil }

func (plain) Shape(platform.Spec, Live, map[string]any) {}

func (plain) Images() []bool { return []bool{true} }

func (plain) Budgets() bool { return true }

// flavor is the platform's, Kubernetes' own where none is named.
func (p *Platform) flavor() Flavor {
	if p.Flavor == nil {
		return plain{p}
	}
	return p.Flavor
}

// wanted is the kind of workload for a Spec.
func (p *Platform) wanted(s platform.Spec) cluster.GVK {
	kinds := p.flavor().Kinds()
	if isDaemonSet(s) {
		return kinds[1]
	}
	return kinds[0]
}
