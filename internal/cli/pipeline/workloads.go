package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/secrets"
	"github.com/regctl/regctl/internal/workload"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// selection is what says which workloads a command is about, as oc and kubectl set do.
type selection struct {
	Files      []string
	recursive  bool
	Selector   string
	All, local bool
	Containers string
}

func (s *selection) SelectFlags(cmd *cobra.Command) {
	cmdutil.FlagGroup(cmd, cmdutil.GroupSelection, s.flags)
}

func (s *selection) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVarP(&s.Files, "filename", "f", nil, "the workloads in this `file` or folder (- is stdin); may be repeated")
	f.BoolVarP(&s.recursive, "recursive", "R", false, "with -f FOLDER, also the folders below it")
	f.StringVarP(&s.Selector, "selector", "l", "", "those workloads of the types named that have these `labels`, such as app=registry")
	f.BoolVar(&s.All, "all", false, "all workloads of the types named")
	f.BoolVar(&s.local, "local", false, "talk to no server: change the objects of -f and print them")
	f.StringVarP(&s.Containers, "containers", "c", "*", "in the containers of this `name`, which may have a *")
}

// Target is a workload that is meant, with its content where it was read from a file.
type Target struct {
	Ref  cluster.Ref
	base *cluster.Object
}

// Targets finds the workloads that arguments and flags name.
func (s *selection) Targets(ctx context.Context, env *cmdutil.Env, client *cluster.Client, args []string) ([]Target, error) {
	switch {
	case s.All && s.Selector != "":
		return nil, hint.BadUsage(errors.New("you may specify either --selector or --all but not both"), "")
	case len(s.Files) > 0 && len(args) > 0:
		return nil, hint.BadUsage(errors.New("name workloads either by -f or as TYPE/NAME, not both"), "")
	case len(s.Files) > 0:
		return s.fromFiles(env, client)
	case s.local:
		return nil, hint.BadUsage(errors.New("--local changes objects of a file: name it by -f"), "")
	case len(args) == 0:
		return nil, hint.BadUsage(errors.New("provide one or more resources as TYPE/NAME"), "such as deployment/docker-registry")
	case strings.Contains(args[0], "/"):
		return s.byName(client, args)
	}
	return s.byType(ctx, client, args[0], args[1:])
}

func (s *selection) fromFiles(env *cmdutil.Env, client *cluster.Client) ([]Target, error) {
	objects, err := cluster.ReadObjects(s.Files, s.recursive, env.In)
	if err != nil {
		return nil, err
	}
	found := []Target{}
	for _, o := range objects {
		if o.GetNamespace() == "" && !s.local {
			o.SetNamespace(client.Namespace)
		}
		if _, err := workload.PodSpec(&o); err == nil || o.GetKind() == "BuildConfig" {
			found = append(found, Target{cluster.RefOf(&o), &o})
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: no workload in it", strings.Join(s.Files, ", "))
	}
	return found, nil
}

func (s *selection) byName(client *cluster.Client, args []string) ([]Target, error) {
	if s.All || s.Selector != "" {
		return nil, hint.BadUsage(errors.New("--all and --selector choose among types: name a TYPE, not TYPE/NAME"), "")
	}
	found := []Target{}
	for _, arg := range args {
		ref, err := client.Resolve(arg)
		if err != nil {
			return nil, err
		}
		found = append(found, Target{Ref: ref})
	}
	return found, nil
}

// byType reads "TYPE NAME..." and "TYPE,TYPE" with --all or --selector.
func (s *selection) byType(ctx context.Context, client *cluster.Client, types string, names []string) ([]Target, error) {
	many := s.All || s.Selector != ""
	if many == (len(names) > 0) {
		return nil, hint.BadUsage(fmt.Errorf("%q names a type: say which of it", types), fmt.Sprintf("%s/NAME, or add --all or --selector LABELS", types))
	}
	found := []Target{}
	for kind := range strings.SplitSeq(types, ",") {
		if !many {
			for _, name := range names {
				ref, err := client.Resolve(kind + "/" + name)
				if err != nil {
					return nil, err
				}
				found = append(found, Target{Ref: ref})
			}
			continue
		}
		of, err := client.Resolve(kind + "/all")
		if err != nil {
			return nil, err
		}
		list, err := client.List(ctx, of.GVK, s.Selector)
		if err != nil {
			return nil, err
		}
		for i := range list {
			list[i].SetGroupVersionKind(of.GVK)
			found = append(found, Target{Ref: cluster.RefOf(&list[i])})
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no %s is selected in namespace %s", types, client.Namespace)
	}
	return found, nil
}

// WorkloadCommand is every command that edits workloads.
type WorkloadCommand struct {
	*Mutation
	selection
}

// Connect applies --local, and connects as the flags say.
func (w *WorkloadCommand) Connect(env *cmdutil.Env) (*cluster.Client, error) {
	if w.local {
		if w.DryRun.Value == string(plan.Server) {
			return nil, hint.BadUsage(errors.New("--local talks to no server: --dry-run=server does not go with it"), "")
		}
		w.DryRun.Value = string(plan.Client)
		if w.Output.Value == "" && !w.Diff {
			w.Output.Value = "yaml"
		}
	}
	return w.Client(env)
}

// Sharing gives a child command those flags of its parent that it names: both
// spellings, "volume add X" and "volume X --add", then fill the same options.
func Sharing(parent, child *cobra.Command, names ...string) *cobra.Command {
	for _, name := range names {
		if f := parent.Flags().Lookup(name); f != nil {
			child.Flags().AddFlag(f)
		}
	}
	return child
}

// MutationFlags and selectionFlags are the names of what addMutation and selectFlags add.
func MutationFlags() []string {
	return append(ClusterFlagNames(), "dry-run", "output", "diff", "wait", "timeout", "yes", "force-conflicts")
}

// ClusterFlagNames are the names of what ClusterFlags.Add adds.
func ClusterFlagNames() []string { return append(KubeFlagNames(), "namespace") }

func SelectionFlags() []string {
	return []string{"filename", "recursive", "selector", "all", "local", "containers"}
}

// Read fetches the workloads that a command is to report on.
func (w *WorkloadCommand) Read(cmd *cobra.Command, env *cmdutil.Env, args []string) ([]*cluster.Object, *cluster.Client, error) {
	if w.Output.Value == "name" {
		return nil, nil, hint.BadUsage(errors.New("a list is printed as json or yaml, not as name"), "")
	}
	client := &cluster.Client{}
	var err error
	if !w.local {
		if client, err = w.ClusterFlags.Client(env); err != nil {
			return nil, nil, err
		}
	}
	targets, err := w.Targets(cmd.Context(), env, client, args)
	if err != nil {
		return nil, nil, err
	}
	found := []*cluster.Object{}
	for _, t := range targets {
		o := t.base
		if !w.local {
			if o, err = client.Get(cmd.Context(), t.Ref); err != nil {
				return nil, nil, err
			}
			if o == nil {
				return nil, nil, hint.Errorf(fmt.Sprintf("kubectl get %s -n %s", strings.ToLower(t.Ref.GVK.Kind), client.Namespace), "%s: not found in namespace %s", t.Ref, client.Namespace)
			}
		}
		found = append(found, o)
	}
	return found, client, nil
}

// AsksFamily tells whether a command line that reached a family is neither of the old
// spelling nor empty of it: nothing at all, or a mistyped command such as "volume ad deploy/x".
func AsksFamily(cmd *cobra.Command, args []string) bool {
	if len(Changed(cmd, "filename", "all", "selector", "add", "remove", "list")) > 0 {
		return false
	}
	if len(args) == 0 {
		return true
	}
	cmd.SuggestionsMinimumDistance = 1
	return !strings.Contains(args[0], "/") && (len(args) == 1 || strings.Contains(args[1], "/")) && len(cmd.SuggestionsFor(args[0])) > 0
}

// Changed lists those of the flags that were given.
func Changed(cmd *cobra.Command, names ...string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return !cmd.Flags().Changed(name) })
}

// Headline is a workload's name as lists of oc begin with it: deployments/docker-registry.
func Headline(o *cluster.Object) string { return strings.ToLower(o.GetKind()) + "s/" + o.GetName() }

// NameOf takes the type off TYPE/NAME, which must be one of those given.
func NameOf(arg string, kinds ...string) (string, error) {
	kind, name, typed := strings.Cut(arg, "/")
	if !typed {
		kind, name = kinds[0], arg
	}
	if !slices.Contains(kinds, strings.ToLower(kind)) {
		return "", hint.BadUsage(fmt.Errorf("%s: expected resource of type %s", arg, kinds[0]), kinds[0]+"/"+name)
	}
	return name, secrets.CheckName(name)
}
