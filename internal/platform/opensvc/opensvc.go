// Package opensvc runs a registry as a service of OpenSVC: a configuration with an
// address, containers and a volume, and a sec object with what is secret, both made by the agent's command om.
package opensvc

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

// Platform is OpenSVC, about one registry of it.
type Platform struct {
	Agent Agent
	Rand  io.Reader
	Now   func() time.Time
	Warn  func(format string, args ...any)
	Wait  time.Duration // how long to wait until a new service is up; 0: not at all
	// Confirm asks before what may lose images; nil error: yes
	Confirm func(question string) error

	live *config // nil: not asked yet
}

var (
	_ platform.Platform = (*Platform)(nil)
	_ platform.Statuser = (*Platform)(nil)
	_ platform.Manual   = (*Platform)(nil)
)

// noteKey is the parameter of the section env that holds the Spec the service was made
// of, so that the next run can lay one changed flag over it. It is in base64, since agents read braces as references.
const noteKey = "regctl"

// Images that run where none is named: the registry of the agents' own documentation, and
// the container that holds the address, which does nothing.
const (
	defaultImage = "registry:3"
	pauseImage   = "google/pause"
)

// Complete lays what is wanted over what an earlier run has written down, with the defaults.
func (p *Platform) Complete(ctx context.Context, s platform.Spec) (platform.Spec, error) {
	live, err := p.config(ctx, s)
	if err != nil {
		return s, err
	}
	base, err := noted(live)
	if err != nil {
		return s, hint.New(fmt.Errorf("%s: parameter %s: %w", pathOf(s), noteKey, err), p.Agent.update(pathOf(s), nil, []string{"env." + noteKey})[0].String()+", then specify all flags again")
	}
	full := s.Over(base)
	if full.Storage == nil {
		return s, hint.BadUsage(platform.ErrNoStorage, "add --size 10g to create a volume, or --storage hostpath --mount-host DIRECTORY")
	}
	if err := fill(&full); err != nil {
		return s, err
	}
	return full, check(full)
}

// fill puts the defaults in.
func fill(s *platform.Spec) error {
	if s.Workload == nil {
		s.Workload = &platform.Workload{}
	}
	s.Workload.Image = cmp.Or(s.Workload.Image, defaultImage)
	s.Workload.MountPath = cmp.Or(s.Workload.MountPath, "/var/lib/registry")
	if s.Workload.Ports == nil {
		s.Workload.Ports = []platform.Port{{Container: 5000}}
	}
	if s.Service == nil {
		s.Service = &platform.Service{}
	}
	s.Service.Orchestrate = cmp.Or(s.Service.Orchestrate, "ha")
	if s.TLS == nil {
		s.TLS = &platform.TLS{}
	}
	if s.Auth == nil {
		s.Auth = &platform.Auth{Kind: platform.AuthHtpasswd}
	}
	if store := s.Storage.ObjectStore(); store != nil && store.Login().Credentials != nil {
		store.Login().Secret = s.Name
	}
	if pvc := s.Storage.PVC; pvc != nil {
		var err error
		pvc.Claim, pvc.Mode = cmp.Or(pvc.Claim, s.Name+"-data"), cmp.Or(pvc.Mode, "ReadWriteOnce")
		pvc.Size, err = size(cmp.Or(pvc.Size, "10g"))
		return err
	}
	return nil
}

// Plan is the sec object, then the service that uses it.
func (p *Platform) Plan(ctx context.Context, s platform.Spec) ([]plan.Change, error) {
	live, err := p.config(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := p.confirmMove(live, s); err != nil {
		return nil, err
	}
	b := &builder{Platform: p, s: s, path: pathOf(s)}
	want, err := b.config()
	if err != nil {
		return nil, err
	}
	if s.TLS.Off || s.Auth.Kind == platform.AuthNone {
		p.Warn("%s", b.open())
	}
	sec, err := b.sec()
	return []plan.Change{sec, &service{Platform: p, path: b.path, live: live, want: want, gone: b.gone(live, want)}}, err
}

// confirmMove asks before the registry is pointed away from the images that it has.
func (p *Platform) confirmMove(live config, s platform.Spec) error {
	was, err := noted(live)
	if err != nil || was.Storage == nil || was.Storage.Place() == s.Storage.Place() {
		return err
	}
	return p.Confirm(fmt.Sprintf("the images are in %s and are not copied to %s; continue?", was.Storage.Place(), s.Storage.Place()))
}

// config is the service's configuration as it is; nil where there is none. It is asked for once.
func (p *Platform) config(ctx context.Context, s platform.Spec) (config, error) {
	if p.live != nil {
		return *p.live, nil
	}
	path, err := ParsePath(pathOf(s).String())
	if err != nil {
		return nil, err
	}
	out, err := p.Agent.run(ctx, nil, p.Agent.showConfig(path))
	if err != nil && !absent(err) {
		return nil, err
	}
	live := parseConfig(string(out))
	if err != nil {
		live = nil
	}
	p.live = &live
	return live, nil
}

func pathOf(s platform.Spec) Path {
	if s.Namespace == "root" {
		return Path{Name: s.Name}
	}
	return Path{s.Namespace, s.Name}
}

// noted is the Spec that an earlier run has written into the configuration.
func noted(c config) (s platform.Spec, err error) {
	text, err := base64.StdEncoding.DecodeString(c.get("env", noteKey))
	if err != nil || len(text) == 0 {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, errors.New("was not written by regctl")
	}
	return s, nil
}
