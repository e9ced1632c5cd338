package registry

import (
	"cmp"
	"errors"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func newRegistryDeploy(env *cmdutil.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deploy [NAME]",
		Short: "Run a registry in the cluster, or change the one that runs",
		Long: `Run a registry in the cluster: TLS, a user with a password, probes, and pods that are
neither root nor able to write anything but their storage.

Run it again with what is to change; all else stays: what an earlier run was told,
storage, secrets, the Service's address, and what others have set. What was deleted
is made again.

Where the images are has to be said once:
  --storage pvc --claim-size 10Gi          a claim that is made (--claim-name: one that is there)
  --storage hostpath --mount-host DIR      a folder of the node
  --storage nfs --nfs-server HOST --nfs-path DIR
  --storage s3 --s3-bucket B --s3-region R --s3-credentials-file FILE
  --storage emptydir                       the pod itself: lost when it goes

The image is regctl's own, as "regctl image save-self" writes it: bring it to the
nodes, or push it somewhere and name it by --image.

On OpenShift 3 it is as "oadm registry" makes it: a DeploymentConfig of OpenShift's own
image, which lets in whom the cluster lets in, with plain HTTP until it has a certificate.
With --mount-host it is privileged, and its account gets the right to be. A registry that
oadm has made is taken over with its volumes, variables and address. "regctl registry"
with these flags and no verb is the old spelling of the same: there the images may be left
in the pod.

On OpenShift 4 it is the registry of the whole cluster, image-registry, which an operator
runs: the operator is told what is wanted, and quoted where it cannot do it. It is meant by
no NAME, and by its own. The flags that begin with "openshift4:" are about it; an image,
ports, labels, users or a certificate it has of its own. With another NAME or -n, or beside
it: --platform kubernetes. One of one's own that is there is changed by its name alone.

On OpenSVC it is a service with an address, containers and a volume, made by om: see
--service and --size. Where there is no om here, its configuration is printed, and what to type.

-o prints what is wanted and does it all the same, unless with --dry-run. Secrets with
random content are not printed. --print spec prints a Registry document for "regctl apply".`,
		Example: `  regctl registry deploy --storage pvc --claim-size 10Gi
  regctl registry deploy --storage hostpath --mount-host /var/lib/registry --selector region=infra
  regctl registry deploy mirror --storage emptydir --auth none --print spec -o yaml
  regctl registry deploy --platform openshift3 --images='openshift3/ose-${component}:${version}' --mount-host=/registry
  regctl registry deploy --platform openshift4 --storage pvc --claim-size 100Gi --claim-mode ReadWriteMany --replicas 2
  regctl registry deploy --platform opensvc -s test/registry --size 10g`,
		Args: cobra.MaximumNArgs(1),
	}
	run := addDeploy(env, cmd, false)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return run(cmd, append(args, platform.DefaultName)[0]) }
	return cmd
}

// addDeploy adds the flags of a deployment to a command, and returns what carries it out. A
// recipe is a command line of the old documentation, which may leave the storage to the registry.
func addDeploy(env *cmdutil.Env, cmd *cobra.Command, recipe bool) func(cmd *cobra.Command, name string) error {
	var f deployFlags
	f.add(cmd)
	m := pipeline.AddSite(env, cmd)
	m.Recipe, m.Agent = recipe, f.openSVC.agent
	show := pipeline.PrintFlag(cmd)
	return func(cmd *cobra.Command, name string) error {
		if recipe {
			m.AsOriginal(env, cmd, plan.Print)
		}
		s, err := f.spec(env, cmd, name)
		if err != nil {
			return err
		}
		if f.local && !m.Dry() {
			return hint.BadUsage(errors.New("--local cannot be specified without --dry-run"), "add --dry-run=client, which needs no --local")
		}
		s.Namespace = cmp.Or(m.Namespace, s.Namespace)
		return m.Deploy(cmd.Context(), env, s, show.Value)
	}
}
