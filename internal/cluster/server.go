package cluster

import (
	"context"
	"fmt"
	"sync"

	"github.com/regctl/regctl/pkg/hint"
	"k8s.io/apimachinery/pkg/util/version"
	apiversion "k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
)

// PlainEnv set to "false" takes every server for one that knows neither server-side
// apply nor dry runs, as those before Kubernetes 1.16.
const PlainEnv = "REGCTL_SERVER_SIDE_APPLY"

// server is what is known of an API server beside its kinds, asked once for all
// copies of a Client.
type server struct {
	disco  discovery.DiscoveryInterface
	legacy *discovery.DiscoveryClient // asks /oapi, where OpenShift had its kinds before 3.6

	mu      sync.Mutex
	plain   bool             // it knows neither server-side apply nor dry runs
	version *version.Version // nil: not asked yet
	tooOld  *bool
}

func openServer(conf *rest.Config, disco discovery.DiscoveryInterface, plain bool) (*server, error) {
	legacy, err := discovery.NewDiscoveryClientForConfig(conf)
	if err != nil {
		return nil, err
	}
	legacy.LegacyPrefix = "/oapi"
	return &server{disco: disco, legacy: legacy, plain: plain}, nil
}

// modern tells whether the server knows server-side apply and dry runs: Kubernetes 1.16
// is the first that has both. One before 1.13 takes a dry run for the real thing or
// refuses it, so none must ever be sent there.
func (s *server) modern(ctx context.Context) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.plain {
		return false, nil
	}
	v, err := s.ask(ctx)
	if err != nil {
		return false, err
	}
	s.plain = v.LessThan(version.MajorMinor(1, 16))
	return !s.plain, nil
}

// ask asks for the version, once; s.mu is held.
func (s *server) ask(ctx context.Context) (*version.Version, error) {
	if s.version != nil {
		return s.version, nil
	}
	info, err := Reading(func() (*apiversion.Info, error) {
		return discovery.ToServerVersionInterfaceWithContext(s.disco).ServerVersionWithContext(ctx)
	})
	if err := s.read(info, err); err != nil {
		return nil, err
	}
	return s.version, nil
}

// learn is ask without a context, as client-go's mapper has none either.
func (s *server) learn() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.version != nil {
		return nil
	}
	return s.read(Reading(s.disco.ServerVersion))
}

func (s *server) read(info *apiversion.Info, err error) error {
	if err != nil {
		return err
	}
	if s.version, err = version.ParseGeneric(info.GitVersion); err != nil {
		return fmt.Errorf("version of the API server: %w", err)
	}
	return nil
}

// Version is the Kubernetes version of the API server, such as 1 and 36.
func (c *Client) Version(ctx context.Context) (major, minor uint, err error) {
	c.Server.mu.Lock()
	defer c.Server.mu.Unlock()
	v, err := c.Server.ask(ctx)
	if err != nil {
		return 0, 0, c.Explain("version of the API server", err)
	}
	return v.Major(), v.Minor(), nil
}

// RefusedApply notes that the server did not know server-side apply, whatever its version.
func (s *server) RefusedApply() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plain = true
}

func (s *server) IsPlain() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plain
}

// HasServerSideApply tells whether the server knows server-side apply and dry runs.
func (c *Client) HasServerSideApply(ctx context.Context) (bool, error) {
	ok, err := c.Server.modern(ctx)
	return ok, c.Explain("version of the API server", err)
}

// DryRuns tells whether the server can say what would happen without doing it.
func (c *Client) DryRuns(ctx context.Context) (bool, error) {
	if c.Offline() {
		return false, nil
	}
	return c.HasServerSideApply(ctx)
}

// RequireDryRun is an error where the server cannot do dry runs.
func (c *Client) RequireDryRun(ctx context.Context) error {
	ok, err := c.HasServerSideApply(ctx)
	if err != nil || ok {
		return err
	}
	about := "the API server"
	if v := c.Server.version; v != nil {
		about += fmt.Sprintf(" (Kubernetes %d.%d)", v.Major(), v.Minor())
	}
	return hint.BadUsage(fmt.Errorf("--dry-run=server: %s does not support dry run", about),
		"use --dry-run=client, which sends no requests to the server")
}

// checkAge says so where the server is an OpenShift before 3.6, which has its kinds in
// a place of their own; c does not know what was asked for.
func (c *Client) checkAge() error {
	apps := GVK{Group: "apps", Version: "v1", Kind: "Deployment"}
	for _, gvk := range []GVK{apps, {Group: "apps.openshift.io", Version: "v1", Kind: "DeploymentConfig"}} {
		if _, err := c.mapper.RESTMapping(gvk.GroupKind(), gvk.Version); err == nil {
			return nil
		}
	}
	if c.Server.old() {
		return hint.Errorf("upgrade the cluster, or use its own command: oadm registry",
			"the API server is older than OpenShift 3.6, the oldest supported version")
	}
	return nil
}

// old tells whether the server has /oapi, and deployment configs there.
func (s *server) old() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tooOld == nil {
		found := false
		list, err := s.legacy.ServerResourcesForGroupVersion("v1")
		if err == nil && list != nil {
			for _, r := range list.APIResources {
				found = found || r.Kind == "DeploymentConfig"
			}
		}
		s.tooOld = &found
	}
	return *s.tooOld
}
