package expose

import (
	"errors"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// NewCreateRoutes are "oc create route passthrough|edge|reencrypt [NAME] --service=SERVICE": expose, with
// the kind as a word and the Service as a flag.
func NewCreateRoutes(env *cmdutil.Env) []*cobra.Command {
	var all []*cobra.Command
	for _, kind := range []string{platform.Passthrough, platform.Edge, platform.Reencrypt} {
		all = append(all, newCreateRoute(env, kind))
	}
	return all
}

func newCreateRoute(env *cmdutil.Env, kind string) *cobra.Command {
	x := &exposeFlags{}
	cmd := &cobra.Command{
		Use:     kind + " [NAME]",
		Short:   "Create a route to a registry's service",
		Long:    "Create a route to a registry's service, as \"oc create route " + kind + "\": regctl expose svc/SERVICE --" + kind,
		Example: "  regctl create route " + kind + " --service=docker-registry --hostname=registry.example.com",
		Args:    cobra.MaximumNArgs(1),
		Hidden:  true,
	}
	x.Site = pipeline.AddSite(env, cmd)
	x.add(cmd)
	service := cmd.Flags().String("service", "", "the `service` that the route leads to")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		x.passthrough, x.edge, x.reencrypt = kind == platform.Passthrough, kind == platform.Edge, kind == platform.Reencrypt
		if len(args) > 0 {
			x.Name = args[0]
		}
		if *service == "" {
			return hint.BadUsage(errors.New("a route requires a service: --service is missing"), cmd.CommandPath()+" --service="+platform.DefaultName)
		}
		return x.run(cmd.Context(), env, []string{*service})
	}
	return cmd
}

func serviceWords() []string { return []string{"service", "services", "svc"} }

func serviceWord(word string) bool { return slices.Contains(serviceWords(), strings.ToLower(word)) }
