// Package pipeline turns flags into changes and runs them. Every command that changes a cluster uses it.
package pipeline

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/wait"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// ClusterFlags are the flags of every command that connects to a cluster.
type ClusterFlags struct {
	Kube      cluster.Config
	Namespace string
}

// Add adds the flags to a command.
func (c *ClusterFlags) Add(env *cmdutil.Env, cmd *cobra.Command) {
	cmdutil.FlagGroup(cmd, cmdutil.GroupKubeconfig, func(cmd *cobra.Command) {
		cmd.Flags().StringVarP(&c.Namespace, "namespace", "n", "", "`namespace` (default: the context's)")
		KubeFlags(env, cmd, &c.Kube)
		CompleteFlags(cmd, map[string]cobra.CompletionFunc{"namespace": c.completeNamespaces(env)})
	})
}

// Client connects to the cluster that the flags select.
func (c *ClusterFlags) Client(env *cmdutil.Env) (*cluster.Client, error) {
	if err := c.checkNamespace(); err != nil {
		return nil, err
	}
	k, err := c.Kube.Open(env.Getenv)
	if err != nil {
		return nil, err
	}
	return k.Client(c.Namespace, filepath.Join(env.CacheHome(), "regctl"))
}

// checkNamespace rejects invalid names of namespaces, which the server would report as not found.
func (c *ClusterFlags) checkNamespace() error {
	if c.Namespace == "" {
		return nil
	}
	if err := cluster.CheckName(c.Namespace); err != nil {
		return hint.BadUsage(fmt.Errorf("--namespace %w", err), "kubectl get namespaces")
	}
	return nil
}

// Mutation is the common part of every command that changes a cluster: dry runs,
// output, waiting and confirmation.
type Mutation struct {
	ClusterFlags
	*ChangeFlags
	wait    bool
	timeout time.Duration
	yes     bool
	Force   bool
}

// AddMutation adds the flags of a command that changes a cluster.
func AddMutation(env *cmdutil.Env, cmd *cobra.Command) *Mutation {
	m := &Mutation{ChangeFlags: AddChangeFlags(cmd)}
	m.ClusterFlags.Add(env, cmd)
	f := cmd.Flags()
	f.BoolVar(&m.wait, "wait", true, "wait for the rollout to finish")
	f.DurationVar(&m.timeout, "timeout", 5*time.Minute, "maximum `duration` of the wait")
	f.BoolVarP(&m.yes, "yes", "y", false, "do not ask for confirmation")
	f.BoolVar(&m.Force, "force-conflicts", false, "overwrite fields that another field manager owns")
	return m
}

// Client returns an offline client with --dry-run=client, which uses only the namespace of the kubeconfig, if there is one.
func (m *Mutation) Client(env *cmdutil.Env) (*cluster.Client, error) {
	if m.DryRun.Value != string(plan.Client) {
		return m.ClusterFlags.Client(env)
	}
	if err := m.checkNamespace(); err != nil {
		return nil, err
	}
	namespace := m.Namespace
	if namespace == "" {
		var err error
		namespace, err = m.Kube.Namespace(env.Getenv)
		switch {
		case err != nil && m.Kube.Given():
			return nil, err
		case err != nil: // the kubeconfig is used for nothing else
			env.Warn("%v; using namespace default", err)
			namespace = "default"
		}
	}
	return &cluster.Client{Namespace: namespace}, nil
}

// Run makes the changes as the flags say, and waits for rollouts.
func (m *Mutation) Run(ctx context.Context, env *cmdutil.Env, client *cluster.Client, changes []plan.Change) error {
	results, err := m.Runner(env).Run(ctx, changes)
	if err != nil || m.Dry() || !m.wait || client == nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	return wait.Wait(ctx, client, results, env.Say)
}

// Confirm asks before data is lost, unless --yes or a dry run is requested.
func (m *Mutation) Confirm(env *cmdutil.Env, question string) error {
	if m.yes || m.Dry() {
		return nil
	}
	return hint.New(env.Confirm(question, "--yes"), "")
}
