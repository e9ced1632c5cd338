// Package pipeline turns flags into changes and runs them: what every command that changes a cluster shares.
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

// ClusterFlags are those of every command that talks to a cluster.
type ClusterFlags struct {
	Kube      cluster.Config
	Namespace string
}

func (c *ClusterFlags) Add(env *cmdutil.Env, cmd *cobra.Command) {
	cmdutil.FlagGroup(cmd, cmdutil.GroupKubeconfig, func(cmd *cobra.Command) {
		cmd.Flags().StringVarP(&c.Namespace, "namespace", "n", "", "`namespace` (default: the context's)")
		KubeFlags(env, cmd, &c.Kube)
	})
}

// Client connects to the cluster that the flags name.
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

// checkNamespace refuses what cannot be the name of a namespace, which else would not be found.
func (c *ClusterFlags) checkNamespace() error {
	if c.Namespace == "" {
		return nil
	}
	if err := cluster.CheckName(c.Namespace); err != nil {
		return hint.BadUsage(fmt.Errorf("--namespace %w", err), "kubectl get namespaces")
	}
	return nil
}

// Mutation is every command that changes something in a cluster: what is written
// once about dry runs, output, waiting and asking.
type Mutation struct {
	ClusterFlags
	*ChangeFlags
	wait    bool
	timeout time.Duration
	yes     bool
	Force   bool
}

func AddMutation(env *cmdutil.Env, cmd *cobra.Command) *Mutation {
	m := &Mutation{ChangeFlags: AddChangeFlags(cmd)}
	m.ClusterFlags.Add(env, cmd)
	f := cmd.Flags()
	f.BoolVar(&m.wait, "wait", true, "wait until what was changed is ready")
	f.DurationVar(&m.timeout, "timeout", 5*time.Minute, "how long to wait")
	f.BoolVarP(&m.yes, "yes", "y", false, "do what loses data without asking")
	f.BoolVar(&m.Force, "force-conflicts", false, "take over fields that another field manager owns")
	return m
}

// Client is offline with --dry-run=client, which needs no network, and of a kubeconfig, where there is one, only the namespace.
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
		case err != nil: // nothing else of it is needed
			env.Warn("%v; the namespace is taken to be default", err)
			namespace = "default"
		}
	}
	return &cluster.Client{Namespace: namespace}, nil
}

// Run carries the changes out as the flags say, and waits for those whose result takes time.
func (m *Mutation) Run(ctx context.Context, env *cmdutil.Env, client *cluster.Client, changes []plan.Change) error {
	results, err := m.Runner(env).Run(ctx, changes)
	if err != nil || m.Dry() || !m.wait || client == nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	return wait.Wait(ctx, client, results, env.Say)
}

// Confirm asks before data is lost; --yes and dry runs need no question.
func (m *Mutation) Confirm(env *cmdutil.Env, question string) error {
	if m.yes || m.Dry() {
		return nil
	}
	return hint.New(env.Confirm(question, "--yes"), "")
}
