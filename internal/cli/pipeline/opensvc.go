package pipeline

import (
	"fmt"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/opensvc"
	"github.com/spf13/cobra"
)

// AgentFlag adds the flag that names the generation of OpenSVC's agent.
func AgentFlag(cmd *cobra.Command) *cmdutil.Enum {
	return cmdutil.EnumFlag(cmd, "agent", "", "", "opensvc: generation of the agent, where om does not say it", opensvc.Generations()...)
}

// byHand prints what to do where there is nothing to do it with: the configuration, and how to use it.
func byHand(e *cmdutil.Env, p platform.Manual, s platform.Spec, changes []plan.Change) error {
	file := s.Name + ".conf"
	configuration, commands := p.ByHand(s, changes, file)
	fmt.Fprint(e.Out, configuration)
	e.Warn("%v, so nothing has been done; on a node, with what was printed here in %s:", p.Missing(), file)
	for _, c := range commands {
		e.Say("  %s", c)
	}
	return nil
}
