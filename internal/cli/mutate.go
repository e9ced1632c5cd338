package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/wait"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// clusterFlags are those of every command that talks to a cluster.
type clusterFlags struct {
	kube      cluster.Config
	namespace string
}

func (c *clusterFlags) add(env *Env, cmd *cobra.Command) {
	kubeFlags(env, cmd, &c.kube)
	cmd.Flags().StringVarP(&c.namespace, "namespace", "n", "", "the `namespace`; by default the context's")
}

// client connects to the cluster that the flags name.
func (c *clusterFlags) client(env *Env) (*cluster.Client, error) {
	if err := c.checkNamespace(); err != nil {
		return nil, err
	}
	k, err := c.kube.Open(env.Getenv)
	if err != nil {
		return nil, err
	}
	return k.Client(c.namespace, filepath.Join(env.CacheHome(), "regctl"))
}

// checkNamespace refuses what cannot be the name of a namespace, which else would not be found.
func (c *clusterFlags) checkNamespace() error {
	if c.namespace == "" {
		return nil
	}
	if err := cluster.CheckName(c.namespace); err != nil {
		return hint.BadUsage(fmt.Errorf("--namespace %w", err), "kubectl get namespaces")
	}
	return nil
}

// mutation is every command that changes something in a cluster: what is written
// once about dry runs, output, waiting and asking.
type mutation struct {
	clusterFlags
	*changeFlags
	wait    bool
	timeout time.Duration
	yes     bool
	force   bool
}

func addMutation(env *Env, cmd *cobra.Command) *mutation {
	m := &mutation{changeFlags: addChangeFlags(cmd)}
	m.clusterFlags.add(env, cmd)
	f := cmd.Flags()
	f.BoolVar(&m.wait, "wait", true, "wait until what was changed is ready")
	f.DurationVar(&m.timeout, "timeout", 5*time.Minute, "how long to wait")
	f.BoolVarP(&m.yes, "yes", "y", false, "do what loses data without asking")
	f.BoolVar(&m.force, "force-conflicts", false, "take over fields that another field manager owns")
	return m
}

// client is offline with --dry-run=client, which needs no network, and of a kubeconfig, where there is one, only the namespace.
func (m *mutation) client(env *Env) (*cluster.Client, error) {
	if m.dryRun.value != string(plan.Client) {
		return m.clusterFlags.client(env)
	}
	if err := m.checkNamespace(); err != nil {
		return nil, err
	}
	namespace := m.namespace
	if namespace == "" {
		var err error
		namespace, err = m.kube.Namespace(env.Getenv)
		switch {
		case err != nil && (m.kube.File != "" || m.kube.Context != ""):
			return nil, err
		case err != nil: // nothing else of it is needed
			env.Warn("%v; the namespace is taken to be default", err)
			namespace = "default"
		}
	}
	return &cluster.Client{Namespace: namespace}, nil
}

// run carries the changes out as the flags say, and waits for those whose result takes time.
func (m *mutation) run(ctx context.Context, env *Env, client *cluster.Client, changes []plan.Change) error {
	results, err := m.runner(env).Run(ctx, changes)
	if err != nil || m.dry() || !m.wait || client == nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	return wait.Wait(ctx, client, results, env.Say)
}

// confirm asks before data is lost; --yes and dry runs need no question.
func (m *mutation) confirm(env *Env, question string) error {
	if m.yes || m.dry() {
		return nil
	}
	return hint.New(env.Confirm(question, "--yes"), "")
}
