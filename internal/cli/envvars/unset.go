package envvars

import (
	"errors"
	"strings"

	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/workload"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func (o *envOptions) newUnset(parent *cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "unset TYPE/NAME KEY...",
		Short:   "Unset environment variables of workloads",
		Long:    `Unset environment variables of workloads. A variable that does not exist is not an error.`,
		Example: `  regctl env unset deployment/docker-registry REGISTRY_LOG_LEVEL`,
		RunE:    o.runUnset,
	}
	return pipeline.Sharing(parent, cmd, append(append(pipeline.MutationFlags(), pipeline.SelectionFlags()...), "resource-version")...)
}

func (o *envOptions) runUnset(cmd *cobra.Command, args []string) error {
	resources, keys := o.splitUnset(args)
	c := workload.VarChange{Containers: o.Containers}
	for _, key := range keys {
		if strings.Contains(key, "=") {
			return hint.BadUsage(errors.New("unset requires names, not KEY=VALUE"), "")
		}
		if err := c.ParseVar(strings.TrimSuffix(key, "-") + "-"); err != nil {
			return err
		}
	}
	if err := c.Check(); err != nil {
		return err
	}
	client, err := o.Connect(o.env)
	if err != nil {
		return err
	}
	targets, err := o.Targets(o.env, client, resources)
	if err != nil {
		return err
	}
	return o.edit(cmd, client, targets, c)
}

// splitUnset takes arguments apart: names with a slash are resources; where there is
// none, the first one is a type with --all or --selector, and with its name else.
func (o *envOptions) splitUnset(args []string) (resources, keys []string) {
	n := 0
	for n < len(args) && strings.Contains(args[n], "/") {
		n++
	}
	switch {
	case n > 0 || len(o.Files) > 0:
	case o.All || o.Selector != "":
		n = min(1, len(args))
	default:
		n = min(2, len(args))
	}
	return args[:n], args[n:]
}
