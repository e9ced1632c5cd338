// Package platforms opens the platform on which a registry runs, or is to run. It is the one
// list of them: what uses a platform knows it by its interfaces.
package platforms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/kube"
	"github.com/regctl/regctl/internal/platform/openshift3"
	"github.com/regctl/regctl/internal/platform/openshift4"
	"github.com/regctl/regctl/internal/platform/opensvc"
	"github.com/regctl/regctl/pkg/hint"
)

// Options say where a registry is, and how its platform may act.
type Options struct {
	Name    string                          // of the platform; "": what the Spec or the cluster says
	Client  func() (*cluster.Client, error) // connects to the cluster, where the platform is one
	Named   bool                            // the user has named a namespace
	Agent   string                          // generation of OpenSVC's agent; "": as the agent says
	Offline bool                            // ask no cluster and no agent
	Force   bool                            // overwrite fields that others own
	Wait    bool                            // wait until what is new is ready,
	Timeout time.Duration                   // at most so long
	Image   string                          // regctl's own
	Rand    io.Reader
	Now     func() time.Time
	Warn    func(format string, args ...any)
	Say     func(format string, args ...any)
	Confirm func(question string) error // nil error: yes, do what loses images
}

// Opened is a platform that can be used.
type Opened struct {
	platform.Platform

	Name   string          // as --platform has it
	Client *cluster.Client // nil where the platform is no cluster
}

// Open connects to the platform that is named or detected.
func Open(ctx context.Context, o Options) (*Opened, error) {
	if o.Name == platform.OpenSVC {
		return &Opened{o.openSVC(ctx), o.Name, nil}, nil
	}
	client, err := o.Client()
	if err != nil {
		return nil, err
	}
	name, err := o.detect(client)
	if err != nil {
		return nil, err
	}
	p, err := o.inCluster(name, client)
	if err != nil {
		return nil, err
	}
	return &Opened{p, name, client}, nil
}

// OpenFor is Open for a Spec: what only one platform has names that platform, and on OpenShift 4
// a registry of that name that is beside the operator's.
func OpenFor(ctx context.Context, o Options, s platform.Spec) (*Opened, error) {
	for _, only := range []struct {
		asked        bool
		name         string
		what, remedy string
	}{
		{s.Service != nil, platform.OpenSVC, "OpenSVC flags", "omit --service, --size, --pool, --orchestrate, --nodes and --cluster-name"},
		{s.Operator != nil, platform.OpenShift4, "OpenShift 4 flags", "omit the OpenShift 4 flags"},
	} {
		if !only.asked {
			continue
		}
		if o.Name != "" && o.Name != only.name {
			return nil, hint.BadUsage(fmt.Errorf("--platform %s: %s: %w", o.Name, only.what, platform.ErrUnsupported), "use --platform "+only.name+", or "+only.remedy)
		}
		o.Name = only.name
	}
	if o.Name == "" {
		own, err := o.beside(ctx, s.Name)
		if err != nil {
			return nil, err
		}
		if own {
			o.Name = platform.Kubernetes
		}
	}
	return Open(ctx, o)
}

// detect is the platform that is named, or else what the cluster serves.
func (o Options) detect(client *cluster.Client) (string, error) {
	if o.Name != "" || client.Offline() {
		return cmp.Or(o.Name, platform.Kubernetes), nil
	}
	return platform.Detect(func(group, kind string) (bool, error) {
		_, served, err := client.Served(group, kind)
		return served, err
	})
}

// inCluster is a platform that is a cluster.
func (o Options) inCluster(name string, client *cluster.Client) (platform.Platform, error) {
	own := kube.Platform{
		Client: client, Image: o.Image, Force: o.Force, Rand: o.Rand, Now: o.Now, Warn: o.Warn, Say: o.Say, Confirm: o.Confirm,
	}
	switch name {
	case platform.Kubernetes:
		return &own, nil
	case platform.OpenShift3:
		return openshift3.New(own), hasConfigs(client)
	case platform.OpenShift4:
		own.OpenShift = 4
		return &openshift4.Platform{Client: client, Own: &own, Named: o.Named, Wait: o.Wait, Warn: o.Warn, Say: o.Say, Confirm: o.Confirm}, hasOperator(client)
	}
	return nil, hint.BadUsage(fmt.Errorf("--platform %s: %w", name, platform.ErrUnsupported), "--platform kubernetes")
}

// openSVC is OpenSVC as this machine's command om, if there is one, speaks to it. Offline it is not asked.
func (o Options) openSVC(ctx context.Context) *opensvc.Platform {
	agent := opensvc.Agent{Generation: opensvc.Generation(cmp.Or(o.Agent, string(opensvc.Python)))}
	if !o.Offline {
		agent = opensvc.FindAgent(ctx, opensvc.Generation(o.Agent))
	}
	p := &opensvc.Platform{Agent: agent, Rand: o.Rand, Now: o.Now, Warn: o.Warn, Confirm: o.Confirm}
	if o.Wait {
		p.Wait = o.Timeout
	}
	return p
}

// hasConfigs wants a cluster with deployment configs, as OpenShift 3 is one; offline that is assumed.
func hasConfigs(client *cluster.Client) error {
	if client.Offline() {
		return nil
	}
	found, err := client.Has(openshift3.Config())
	if err == nil && !found {
		err = hint.BadUsage(errors.New("--platform openshift3: the cluster does not serve deployment configs"), "omit --platform, or use --platform kubernetes")
	}
	return err
}

// hasOperator wants a cluster whose registry an operator manages; offline that is assumed.
func hasOperator(client *cluster.Client) error {
	if client.Offline() {
		return nil
	}
	found, err := client.Has(openshift4.ConfigKind())
	if err == nil && !found {
		err = hint.BadUsage(errors.New("the cluster has no image registry operator: it is not OpenShift 4"), "omit --platform openshift4 and the OpenShift 4 flags, such as --state")
	}
	return err
}
