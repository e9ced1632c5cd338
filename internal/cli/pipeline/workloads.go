package pipeline

import (
	"cmp"
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
	"k8s.io/cli-runtime/pkg/resource"
)

// selection holds the flags that select workloads, as in oc set and kubectl set.
type selection struct {
	Files      []string
	kustomize  string
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
	f.StringArrayVarP(&s.Files, "filename", "f", nil, "`file` or directory with workloads, - for stdin; repeatable")
	f.StringVarP(&s.kustomize, "kustomize", "k", "", "the workloads of the kustomization in this `directory`")
	f.BoolVarP(&s.recursive, "recursive", "R", false, "with -f DIRECTORY, include subdirectories")
	f.StringVarP(&s.Selector, "selector", "l", "", "select workloads of the given types by `labels`: app=registry")
	f.BoolVar(&s.All, "all", false, "select all workloads of the given types")
	f.BoolVar(&s.local, "local", false, "change the objects of -f and print them, without a server")
	f.StringVarP(&s.Containers, "containers", "c", "*", "containers of this `name`; * is a wildcard")
}

// Target is a selected workload, with its content if it was read from a file.
type Target struct {
	Ref  cluster.Ref
	base *cluster.Object
}

// Targets returns the workloads that arguments and flags select.
func (s *selection) Targets(env *cmdutil.Env, client *cluster.Client, args []string) ([]Target, error) {
	switch {
	case s.All && s.Selector != "":
		return nil, hint.BadUsage(errors.New("--selector cannot be used with --all"), "")
	case s.fromFile() && len(args) > 0:
		return nil, hint.BadUsage(errors.New("--filename and --kustomize cannot be used with TYPE/NAME"), "")
	case s.fromFile():
		return s.fromFiles(env, client)
	case s.local:
		return nil, hint.BadUsage(errors.New("--local requires --filename"), "")
	case len(args) == 0:
		return nil, hint.BadUsage(errors.New("at least one TYPE/NAME is required"), "for example deployment/docker-registry")
	}
	return s.named(client, args)
}

func (s *selection) fromFile() bool { return len(s.Files) > 0 || s.kustomize != "" }

func (s *selection) fromFiles(env *cmdutil.Env, client *cluster.Client) ([]Target, error) {
	objects, err := cluster.ReadObjects(resource.FilenameOptions{Filenames: s.Files, Kustomize: s.kustomize, Recursive: s.recursive}, env.In)
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
		return nil, fmt.Errorf("%s: no workload found", cmp.Or(strings.Join(s.Files, ", "), s.kustomize))
	}
	return found, nil
}

// named finds TYPE/NAME..., "TYPE NAME..." and "TYPE,TYPE" with --all or --selector.
func (s *selection) named(client *cluster.Client, args []string) ([]Target, error) {
	many, slash := s.All || s.Selector != "", strings.Contains(args[0], "/")
	switch {
	case many && slash:
		return nil, hint.BadUsage(errors.New("--all and --selector require a TYPE, not TYPE/NAME"), "")
	case !slash && many == (len(args) > 1):
		return nil, hint.BadUsage(fmt.Errorf("%q is a type: a name is required", args[0]), fmt.Sprintf("%s/NAME, or add --all or --selector LABELS", args[0]))
	}
	refs, err := client.Select(args, s.Selector, s.All)
	if err != nil {
		return nil, err
	}
	if len(refs) == 0 {
		return nil, fmt.Errorf("no %s found in namespace %s", args[0], client.Namespace)
	}
	found := make([]Target, len(refs))
	for i, ref := range refs {
		found[i] = Target{Ref: ref}
	}
	return found, nil
}

// WorkloadCommand is the common part of every command that edits workloads.
type WorkloadCommand struct {
	*Mutation
	selection
}

// Connect applies --local and connects to the cluster.
func (w *WorkloadCommand) Connect(env *cmdutil.Env) (*cluster.Client, error) {
	if w.local {
		if w.DryRun.Value == string(plan.Server) {
			return nil, hint.BadUsage(errors.New("--local cannot be used with --dry-run=server"), "")
		}
		w.DryRun.Value = string(plan.Client)
		if !w.Output.Data() && !w.Diff {
			w.Output.Value = "yaml"
		}
	}
	return w.Client(env)
}

// Sharing adds the named flags of parent to child: both
// spellings, "volume add X" and "volume X --add", then fill the same options.
func Sharing(parent, child *cobra.Command, names ...string) *cobra.Command {
	child.PreRunE = parent.PreRunE
	for _, name := range names {
		if f := parent.Flags().Lookup(name); f != nil {
			child.Flags().AddFlag(f)
		}
	}
	return child
}

// MutationFlags returns the names of the flags that AddMutation adds.
func MutationFlags() []string {
	return slices.Concat(ClusterFlagNames(), cmdutil.OutputFlagNames(), []string{"dry-run", "diff", "wait", "timeout", "yes", "force-conflicts"})
}

// ClusterFlagNames are the names of what ClusterFlags.Add adds.
func ClusterFlagNames() []string { return append(KubeFlagNames(), "namespace") }

// SelectionFlags are the names of what SelectFlags adds.
func SelectionFlags() []string {
	return []string{"filename", "kustomize", "recursive", "selector", "all", "local", "containers"}
}

// Read fetches the workloads that a command reports on.
func (w *WorkloadCommand) Read(cmd *cobra.Command, env *cmdutil.Env, args []string) ([]*cluster.Object, *cluster.Client, error) {
	if w.Output.Value == "name" {
		return nil, nil, hint.BadUsage(errors.New("--output must be json or yaml for a list"), "")
	}
	client := &cluster.Client{}
	var err error
	if !w.local {
		if client, err = w.ClusterFlags.Client(env); err != nil {
			return nil, nil, err
		}
	}
	targets, err := w.Targets(env, client, args)
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

// AsksFamily reports whether a command line that reached a family does not use the old
// spelling: it is empty, or has a mistyped command such as "volume ad deploy/x".
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

// Changed returns the names of the flags that were set.
func Changed(cmd *cobra.Command, names ...string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return !cmd.Flags().Changed(name) })
}

// Headline is the first line of a workload in lists of oc: deployments/docker-registry.
func Headline(o *cluster.Object) string { return strings.ToLower(o.GetKind()) + "s/" + o.GetName() }

// NameOf returns the name in TYPE/NAME; the type must be one of kinds.
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
