package trust

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/platforms"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/trust"
	"github.com/spf13/cobra"
)

// clusterTrust is what the trust commands do to a whole OpenShift 4 instead of this machine.
type clusterTrust struct {
	env      *cmdutil.Env
	platform *cmdutil.Enum
	flags    pipeline.ClusterFlags
}

// addClusterTrust adds the flags that say which cluster is meant. Without --platform it is this machine.
func addClusterTrust(env *cmdutil.Env, cmd *cobra.Command) *clusterTrust {
	t := &clusterTrust{env: env}
	t.platform = cmdutil.EnumFlag(cmd, "platform", "", "", "change a cluster's nodes instead of this machine: openshift4", platform.OpenShift4)
	pipeline.KubeFlags(env, cmd, &t.flags.Kube)
	return t
}

const aboutClusterTrust = `

OpenShift 4: --platform openshift4 changes the CAs of a cluster's nodes, builds and
imports. They are in the config map of image.config.openshift.io/cluster (registry-cas if
it has none). Entries of other hosts are kept.`

// chosen tells whether a cluster is meant.
func (t *clusterTrust) chosen() bool { return t.platform.Value != "" }

// check refuses flags that are about files.
func (t *clusterTrust) check(f *trustFlags) error {
	if f.root != "" || f.user || f.system || len(f.targets) > 0 {
		return hint.BadUsage(errors.New("--platform openshift4 cannot be used with --root, --user, --system or --for"), "omit one of them")
	}
	return nil
}

// open connects to the cluster; offline is for plans that need none.
func (t *clusterTrust) open(offline bool) (platforms.Truster, error) {
	return platforms.OpenTrust(platforms.Options{
		Offline: offline, Warn: t.env.Warn, Client: func() (*cluster.Client, error) { return t.flags.Client(t.env) },
	})
}

// run carries the changes out. None of them is waited for: the nodes follow by and by.
func (t *clusterTrust) run(ctx context.Context, change *pipeline.ChangeFlags, changes []plan.Change) error {
	results, err := change.Runner(t.env).Run(ctx, changes)
	if err != nil || change.Dry() {
		return err
	}
	for _, r := range results {
		if r.Action != plan.Unchanged {
			t.env.Say("the nodes are updated within minutes; to watch: kubectl get machineconfigpools")
			return nil
		}
	}
	return nil
}

// addCluster is "trust add" to a cluster.
func (a *trustAdd) addCluster(ctx context.Context, hosts []trust.Host) error {
	if err := a.cluster.check(a.where); err != nil {
		return err
	}
	to, err := a.cluster.open(a.change.DryRun.Value == string(plan.Client))
	if err != nil {
		return err
	}
	var changes []plan.Change
	if a.insecure {
		a.env.Warn("%s: anyone on the network path can read and change images", hosts[0])
		changes, err = to.AddInsecure(ctx, hosts)
	} else {
		ca, caErr := a.ca(ctx, hosts[0])
		if caErr != nil {
			return caErr
		}
		changes, err = to.Add(ctx, hosts, certs.EncodeChain(ca))
	}
	if err != nil {
		return err
	}
	return a.cluster.run(ctx, a.change, changes)
}

// remove is "trust remove" from a cluster.
func (t *clusterTrust) remove(ctx context.Context, args []string, where *trustFlags, change *pipeline.ChangeFlags, insecure bool) error {
	hosts, err := connect.ParseHosts(args)
	if err != nil {
		return err
	}
	if err := t.check(where); err != nil {
		return err
	}
	if change.DryRun.Value == string(plan.Client) {
		return hint.BadUsage(fmt.Errorf("%s: only the cluster knows what it trusts", args[0]), "--dry-run=server")
	}
	from, err := t.open(false)
	if err != nil {
		return err
	}
	changes, err := from.Remove(ctx, hosts, insecure)
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		t.env.Say("%s: nothing to remove", strings.Join(args, ", "))
	}
	return t.run(ctx, change, changes)
}

// list is "trust list" of a cluster.
func (t *clusterTrust) list(ctx context.Context, hosts []trust.Host, output *cmdutil.Output) error {
	of, err := t.open(false)
	if err != nil {
		return err
	}
	entries, err := of.List(ctx, t.env.Now())
	if err != nil {
		return err
	}
	return output.Print(t.env, ofHosts(entries, hosts), trustTable(ofHosts(entries, hosts)))
}
