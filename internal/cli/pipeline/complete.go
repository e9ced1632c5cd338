package pipeline

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/workload"
	"github.com/spf13/cobra"
)

// CompletionClient is a client for completions: no request takes longer than a completion, and an
// exec plugin of the kubeconfig cannot ask for input. One that always asks is not run.
func (c *ClusterFlags) CompletionClient(env *cmdutil.Env) (*cluster.Client, error) {
	k, err := c.Kube.Open(env.Getenv)
	if err != nil {
		return nil, err
	}
	k.RESTConfig.Timeout = 2 * time.Second
	if plugin := k.RESTConfig.ExecProvider; plugin != nil {
		plugin.StdinUnavailable, plugin.StdinUnavailableMessage = true, "completion has no input"
	}
	return k.Client(c.Namespace, filepath.Join(env.CacheHome(), "regctl"))
}

// Complete completes what find finds in the cluster.
func (c *ClusterFlags) Complete(env *cmdutil.Env, find func(ctx context.Context, client *cluster.Client, args []string, typed string) []string) cobra.CompletionFunc {
	return cmdutil.Complete(env, cobra.ShellCompDirectiveNoFileComp, func(ctx context.Context, env *cmdutil.Env, args []string, typed string) []string {
		client, err := c.CompletionClient(env)
		if err != nil {
			return nil
		}
		return find(ctx, client, args, typed)
	})
}

// CompleteNames completes the names of the objects of a type in the namespace.
func (c *ClusterFlags) CompleteNames(env *cmdutil.Env, kind string) cobra.CompletionFunc {
	return c.Complete(env, func(_ context.Context, client *cluster.Client, _ []string, _ string) []string {
		return ObjectNames(client, "", kind)
	})
}

// CompleteTyped completes TYPE/NAME of some types, or the NAME where the argument before is a TYPE.
func (c *ClusterFlags) CompleteTyped(env *cmdutil.Env, kinds ...string) cobra.CompletionFunc {
	return c.Complete(env, func(_ context.Context, client *cluster.Client, args []string, typed string) []string {
		if len(args) > 0 && !strings.Contains(args[0], "/") {
			return ObjectNames(client, "", args[0])
		}
		if kind, _, named := strings.Cut(typed, "/"); named {
			return ObjectNames(client, kind+"/", kind)
		}
		lists := make([][]string, len(kinds))
		var all sync.WaitGroup
		for i, kind := range kinds {
			all.Go(func() { lists[i] = ObjectNames(client, kind+"/", kind) })
		}
		all.Wait()
		return slices.Concat(lists...)
	})
}

// CompleteWorkloads completes TYPE/NAME of workloads.
func (c *ClusterFlags) CompleteWorkloads(env *cmdutil.Env) cobra.CompletionFunc {
	return c.CompleteTyped(env, "deployment", "daemonset", "statefulset", "deploymentconfig")
}

// CompleteVolumes completes the names of the volumes of the workloads that are named before.
func (c *ClusterFlags) CompleteVolumes(env *cmdutil.Env) cobra.CompletionFunc {
	return c.Complete(env, func(ctx context.Context, client *cluster.Client, args []string, _ string) (names []string) {
		if len(args) == 0 {
			return nil
		}
		refs, err := client.Select(args, "", false)
		if err != nil {
			return nil
		}
		for _, ref := range refs {
			o, err := client.Get(ctx, ref)
			if err != nil || o == nil {
				return nil
			}
			volumes, _ := workload.Volumes(o, "*")
			for _, v := range volumes {
				names = append(names, v.Name)
			}
		}
		return names
	})
}

// ObjectNames lists the names of the objects of a type, each behind a prefix; none where they cannot be read.
func ObjectNames(client *cluster.Client, prefix, kind string) (names []string) {
	deploymentConfig := cluster.GVK{Group: "apps.openshift.io", Version: "v1", Kind: "DeploymentConfig"}
	if kind == "deploymentconfig" { // that it is missing is taken from the cache
		if known, err := client.Has(deploymentConfig); err != nil || !known {
			return nil
		}
	}
	refs, err := client.Select([]string{kind}, "", true)
	if err != nil {
		return nil
	}
	for _, ref := range refs {
		names = append(names, prefix+ref.Name)
	}
	return names
}

// completeNamespaces completes the namespaces of the cluster, or where they cannot be listed those
// of the kubeconfig.
func (c *ClusterFlags) completeNamespaces(env *cmdutil.Env) cobra.CompletionFunc {
	own := func() []string { return c.Kube.Namespaces(env.Getenv) }
	in := c.CompleteNames(env, "namespace")
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		names, directive := in(cmd, args, typed)
		if len(names) == 0 {
			names = slices.DeleteFunc(own(), func(name string) bool { return !strings.HasPrefix(name, typed) })
		}
		return names, directive
	}
}

// CompleteFlags registers the completion of each flag; the command has all of them.
func CompleteFlags(cmd *cobra.Command, by map[string]cobra.CompletionFunc) {
	for _, name := range slices.Sorted(maps.Keys(by)) {
		_ = cmd.RegisterFlagCompletionFunc(name, by[name]) // the only failure is a flag that does not exist
	}
}
