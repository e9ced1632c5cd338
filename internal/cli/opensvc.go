package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/opensvc"
	"github.com/regctl/regctl/internal/secrets"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// openSVCFlags are those of a service of OpenSVC.
type openSVCFlags struct {
	path, size, pool            string
	orchestrate, nodes, cluster string
	agent                       *enum
}

func (o *openSVCFlags) add(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVarP(&o.path, "service", "s", "", "opensvc: `path` of the service, NAMESPACE/NAME")
	s.StringVar(&o.size, "size", "", "opensvc: `size` of the volume that is made for the images (default 10g)")
	s.StringVar(&o.pool, "pool", "", "opensvc: `pool` of the volume (default one that has room)")
	s.StringVar(&o.orchestrate, "orchestrate", "", "opensvc: what the agents do by themselves: no, start or ha `(default ha)`")
	s.StringVar(&o.nodes, "nodes", "", "opensvc: `names` of nodes with spaces between (default all of the cluster)")
	s.StringVar(&o.cluster, "cluster-name", "", "opensvc: the cluster's `name`, which ends the DNS names of its services")
	o.agent = agentFlag(cmd)
	_ = cmd.RegisterFlagCompletionFunc("orchestrate", cobra.FixedCompletions(opensvc.Orchestrations(), cobra.ShellCompDirectiveNoFileComp))
}

func agentFlag(cmd *cobra.Command) *enum {
	return enumFlag(cmd, "agent", "", "", "opensvc: generation of the agent, where om does not say it", opensvc.Generations()...)
}

// given tells whether any of them is, which names the platform too.
func (o *openSVCFlags) given() bool {
	return o.path != "" || o.size != "" || o.pool != "" || o.orchestrate != "" || o.nodes != "" || o.cluster != ""
}

// spec puts them into a Spec.
func (o *openSVCFlags) spec(s *platform.Spec) error {
	if !o.given() {
		return nil
	}
	if o.path != "" {
		p, err := opensvc.ParsePath(o.path)
		if err != nil {
			return err
		}
		s.Name, s.Namespace = p.Name, cmp.Or(p.Namespace, "root")
	}
	if o.size != "" || o.pool != "" {
		switch {
		case s.Storage == nil:
			s.Storage = &platform.Storage{PVC: &platform.PVC{}}
		case s.Storage.PVC == nil:
			return hint.BadUsage(fmt.Errorf("--size and --pool do not go with --storage %s", s.Storage.Kind()), "leave --storage out")
		case s.Storage.PVC.Size != "" && o.size != "":
			return hint.BadUsage(errors.New("--size and --claim-size are the same"), "leave --claim-size out")
		}
		s.Storage.PVC.Size = cmp.Or(o.size, s.Storage.PVC.Size)
		s.Storage.PVC.Class = cmp.Or(o.pool, s.Storage.PVC.Class)
	}
	s.Service = &platform.Service{Orchestrate: o.orchestrate, Nodes: o.nodes, Cluster: o.cluster}
	return nil
}

// openSVC is OpenSVC as this machine's command om, if there is one, speaks to it. Offline it is not asked.
func (s *site) openSVC(ctx context.Context, env *Env) *opensvc.Platform {
	generation := ""
	if s.agent != nil {
		generation = s.agent.value
	}
	agent := opensvc.Agent{Generation: opensvc.Generation(cmp.Or(generation, string(opensvc.Python)))}
	if s.dryRun.value != string(plan.Client) {
		agent = opensvc.FindAgent(ctx, opensvc.Generation(generation))
	}
	wait := time.Duration(0)
	if s.wait {
		wait = s.timeout
	}
	return &opensvc.Platform{
		Agent: agent, Rand: env.Rand, Now: env.Now, Warn: env.Warn, Wait: wait,
		Confirm: func(question string) error { return s.confirm(env, question) },
	}
}

// byHand prints what to do where there is nothing to do it with: the configuration, and how to use it.
func (e *Env) byHand(p *opensvc.Platform, s platform.Spec, changes []plan.Change) error {
	file := s.Name + ".conf"
	configuration, commands := p.ByHand(s, changes, file)
	fmt.Fprint(e.Out, configuration)
	e.Warn("%v, so nothing has been done; on a node, with what was printed here in %s:", opensvc.ErrNoAgent, file)
	for _, c := range commands {
		e.Say("  %s", c)
	}
	return nil
}

// openSVCStatus prints what the agent says of a service.
func (e *Env) openSVCStatus(ctx context.Context, generation, path, format string) error {
	p, err := opensvc.ParsePath(path)
	if err != nil {
		return err
	}
	s, err := opensvc.FindAgent(ctx, opensvc.Generation(generation)).Status(ctx, p)
	if err != nil {
		return err
	}
	return e.Print(format, s, s.Table())
}

// openSVC makes the sec object with which services of a namespace pull images.
func (s *secretFlags) openSVC(ctx context.Context, env *Env, name string, generation opensvc.Generation, d *dockercfgFlags) error {
	if d.from == "" && len(d.hosts) == 0 && d.login.Username == "" {
		files, err := credentials.Targets(env.credentials(), "docker")
		if err != nil {
			return err
		}
		d.from = files[0].Path
	}
	data, err := d.data(env, secrets.DockerConfigJSON)
	if err != nil {
		return err
	}
	agent := opensvc.FindAgent(ctx, generation)
	change, err := agent.Credentials(s.namespace, name, data[".dockerconfigjson"])
	if err != nil {
		return err
	}
	if agent.Program == "" && !s.dry() {
		return hint.New(opensvc.ErrNoAgent, "on a node: "+agent.CredentialsByHand(s.namespace, name, cmp.Or(d.from, "config.json")))
	}
	if err := s.mutation.run(ctx, env, nil, []plan.Change{change}); err != nil {
		return err
	}
	env.Say("%s", agent.CredentialsNote(name))
	return nil
}
