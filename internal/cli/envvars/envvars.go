// Package envvars has the commands about environment variables of workloads, as "oc env".
package envvars

import (
	"errors"
	"fmt"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/workload"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// envOptions are the flags of all commands about variables; the old spelling has them all on one command.
type envOptions struct {
	pipeline.WorkloadCommand
	env *cmdutil.Env

	vars            []string
	from, prefix    string
	keys            []string
	overwrite       bool
	resourceVersion string
	list, resolve   bool
}

// New is the family env, which also answers to oc's spelling.
func New(env *cmdutil.Env) *cobra.Command {
	o := &envOptions{env: env}
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Set, unset and list environment variables of workloads",
		Long: `Set, unset and list the environment variables of workloads, that is, of objects with a
pod template.

The syntax of oc also works: regctl env TYPE/NAME KEY=VALUE KEY-, or --list.`,
		RunE: o.oldSpelling,
	}
	o.Mutation = pipeline.AddMutation(env, cmd)
	o.SelectFlags(cmd)
	o.flags(cmd)
	pipeline.CompleteFlags(cmd, map[string]cobra.CompletionFunc{"from": o.CompleteTyped(env, "secret", "configmap")})
	cmd.AddCommand(o.newSet(cmd), o.newUnset(cmd), o.newList(cmd))
	for _, verb := range cmd.Commands() {
		verb.ValidArgsFunction = o.CompleteWorkloads(env)
	}
	return cmd
}

func (o *envOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVarP(&o.vars, "env", "e", nil, "variable as `KEY=VALUE`, - for lines on stdin; repeatable")
	f.StringVar(&o.from, "from", "", "set a reference to each key of `secret/NAME` or configmap/NAME")
	f.StringSliceVar(&o.keys, "keys", nil, "with --from, use only these `keys`")
	f.StringVar(&o.prefix, "prefix", "", "`prefix` for the names of all variables that are set")
	f.BoolVar(&o.overwrite, "overwrite", true, "change existing variables; --overwrite=false fails instead")
	f.StringVar(&o.resourceVersion, "resource-version", "", "fail unless the workload has this resource `version`")
	f.BoolVar(&o.list, "list", false, "list the variables, as env list")
	f.BoolVar(&o.resolve, "resolve", false, "in a list, show the values of references")
}

// oldSpelling is "env TYPE/NAME KEY=VALUE KEY-" and "env TYPE/NAME --list".
func (o *envOptions) oldSpelling(cmd *cobra.Command, args []string) error {
	if len(pipeline.Changed(cmd, "env", "from")) == 0 && pipeline.AsksFamily(cmd, args) {
		return cmdutil.UnknownOrHelp(cmd, args)
	}
	if !o.list && !o.resolve {
		o.AsOriginal(o.env, cmd, plan.Print)
		return o.runSet(cmd, args)
	}
	_, rest, err := split(args)
	if err == nil && len(rest)+len(pipeline.Changed(cmd, "env", "from", "prefix")) > 0 {
		err = hint.BadUsage(errors.New("--list cannot be used with changes"), "")
	}
	if err != nil {
		return err
	}
	return o.runList(cmd, args)
}

// split takes arguments apart: resources first, then changes of variables.
func split(args []string) (resources, changes []string, err error) {
	for _, arg := range args {
		switch change := arg == "-" || workload.IsVar(arg); {
		case change:
			changes = append(changes, arg)
		case len(changes) > 0:
			return nil, nil, hint.BadUsage(fmt.Errorf("%s: TYPE/NAME must precede the variables", arg), "")
		default:
			resources = append(resources, arg)
		}
	}
	return resources, changes, nil
}

// edit changes the variables of the workloads.
func (o *envOptions) edit(cmd *cobra.Command, client *cluster.Client, targets []pipeline.Target, c workload.VarChange) error {
	if o.resourceVersion != "" && len(targets) > 1 {
		return hint.BadUsage(errors.New("--resource-version requires a single workload"), "")
	}
	e := pipeline.Editor{WorkloadCommand: &o.WorkloadCommand, Env: o.env, Client: client, Several: len(targets) > 1, Grows: len(c.Set) > 0, Do: func(w *cluster.Object) (workload.Outcome, error) {
		if at := w.GetResourceVersion(); o.resourceVersion != "" && at != o.resourceVersion && !client.Offline() {
			return workload.Outcome{}, fmt.Errorf("resource version is %s, not %s: the object was changed", at, o.resourceVersion)
		}
		return workload.ChangeVars(w, c)
	}}
	changes, err := e.Changes(targets)
	if err != nil {
		return err
	}
	return o.Run(cmd.Context(), o.env, client, changes)
}

// readStdin reads variables from stdin once, where an argument or -e asks for it.
func (o *envOptions) readStdin(c *workload.VarChange, args []string) error {
	asked := false
	for _, arg := range args {
		switch {
		case arg != "-":
			if err := c.ParseVar(arg); err != nil {
				return err
			}
		case asked:
			return hint.BadUsage(errors.New("stdin can be read only once"), "")
		default:
			asked = true
			if err := c.ReadVars(o.env.In); err != nil {
				return hint.BadUsage(err, "")
			}
		}
	}
	return nil
}

func prefixed(prefix string, vars []workload.Var) []workload.Var {
	for i := range vars {
		vars[i].Name = prefix + vars[i].Name
	}
	return vars
}

// referenceTo reads secret/NAME or configmap/NAME.
func referenceTo(from, namespace string) (cluster.Ref, error) {
	kind, name, _ := strings.Cut(from, "/")
	ref := cluster.Ref{GVK: cluster.GVK{Version: "v1"}, Namespace: namespace, Name: name}
	switch strings.ToLower(kind) {
	case "secret", "secrets":
		ref.GVK.Kind = "Secret"
	case "configmap", "configmaps", "cm":
		ref.GVK.Kind = "ConfigMap"
	}
	if ref.GVK.Kind == "" || name == "" || strings.Contains(name, "/") {
		return ref, hint.BadUsage(fmt.Errorf("--from %q: must be secret/NAME or configmap/NAME", from), "")
	}
	return ref, nil
}
