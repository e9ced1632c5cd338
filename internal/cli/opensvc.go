package cli

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/opensvc"
	"github.com/spf13/cobra"
)

func agentFlag(cmd *cobra.Command) *enum {
	return enumFlag(cmd, "agent", "", "", "opensvc: generation of the agent, where om does not say it", opensvc.Generations()...)
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
