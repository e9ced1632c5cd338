package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/opensvc"
	"github.com/spf13/cobra"
)

func AgentFlag(cmd *cobra.Command) *cmdutil.Enum {
	return cmdutil.EnumFlag(cmd, "agent", "", "", "opensvc: generation of the agent, where om does not say it", opensvc.Generations()...)
}

// openSVC is OpenSVC as this machine's command om, if there is one, speaks to it. Offline it is not asked.
func (s *Site) openSVC(ctx context.Context, env *cmdutil.Env) *opensvc.Platform {
	generation := ""
	if s.Agent != nil {
		generation = s.Agent.Value
	}
	agent := opensvc.Agent{Generation: opensvc.Generation(cmp.Or(generation, string(opensvc.Python)))}
	if s.DryRun.Value != string(plan.Client) {
		agent = opensvc.FindAgent(ctx, opensvc.Generation(generation))
	}
	wait := time.Duration(0)
	if s.wait {
		wait = s.timeout
	}
	return &opensvc.Platform{
		Agent: agent, Rand: env.Rand, Now: env.Now, Warn: env.Warn, Wait: wait,
		Confirm: func(question string) error { return s.Confirm(env, question) },
	}
}

// byHand prints what to do where there is nothing to do it with: the configuration, and how to use it.
func byHand(e *cmdutil.Env, p *opensvc.Platform, s platform.Spec, changes []plan.Change) error {
	file := s.Name + ".conf"
	configuration, commands := p.ByHand(s, changes, file)
	fmt.Fprint(e.Out, configuration)
	e.Warn("%v, so nothing has been done; on a node, with what was printed here in %s:", opensvc.ErrNoAgent, file)
	for _, c := range commands {
		e.Say("  %s", c)
	}
	return nil
}

// OpenSVCStatus prints what the agent says of a service.
func OpenSVCStatus(ctx context.Context, e *cmdutil.Env, generation, path, format string) error {
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
