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
	return cmdutil.EnumFlag(cmd, "agent", "", "", "agent generation: 2 or 3 (default: detected)", opensvc.Generations()...)
}

// byHand prints the configuration and the commands to run on a node, because om is not installed here.
func byHand(e *cmdutil.Env, p platform.Manual, s platform.Spec, changes []plan.Change) error {
	file := s.Name + ".conf"
	configuration, commands := p.ByHand(s, changes, file)
	fmt.Fprint(e.Out, configuration)
	e.Warn("%v: nothing was changed; save the output above as %s, and run on a node:", p.Missing(), file)
	for _, c := range commands {
		e.Say("  %s", c)
	}
	return nil
}
