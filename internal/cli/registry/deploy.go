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
		Short: "Deploy a registry to a cluster, or update an existing one",
		Long: `Deploy a registry to a cluster, or update an existing one. Run it again with only the
flags that change; all other settings are kept, and deleted objects are created again.

The registry uses TLS, a user with a password, probes, and pods that do not run as root.
The storage is required once:
  --storage pvc --claim-size 10Gi          a new PVC (--claim-name: an existing PVC)
  --storage hostpath --mount-host DIR      a directory of the node
  --storage nfs --nfs-server HOST --nfs-path DIR
  --storage s3 --s3-bucket B --s3-region R --s3-credentials-file FILE
  --storage azure --azure-account A --azure-container C --azure-key-file FILE
  --storage gcs --gcs-bucket B --gcs-credentials-file FILE --image registry:3
  --storage emptydir                       the pod: images are lost with it

Platforms (details: docs/deploy.md):
  Kubernetes   a Deployment or DaemonSet of the image from "regctl image save-self"
  OpenShift 3  a DeploymentConfig of OpenShift's image, as "oadm registry" creates it
  OpenShift 4  the cluster's registry (image-registry), managed by the operator.
               Add --platform kubernetes for your own registry
  OpenSVC      a service with an address, containers and a volume, created by om

-o also prints the objects, without secrets of random content. --print spec prints a
Registry manifest for "regctl apply". Only --dry-run changes nothing.`,
		Example: `  regctl registry deploy --storage pvc --claim-size 10Gi
  regctl registry deploy --storage hostpath --mount-host /var/lib/registry --selector region=infra
  regctl registry deploy mirror --storage emptydir --auth none --print spec -o yaml
  regctl registry deploy --platform openshift3 --latest-images --mount-host=/registry
  regctl registry deploy --platform openshift4 --storage pvc --claim-size 100Gi --claim-mode ReadWriteMany
  regctl registry deploy --platform opensvc -s test/registry --size 10g`,
		Args: cobra.MaximumNArgs(1),
	}
	run := addDeploy(env, cmd, false)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return run(cmd, append(args, platform.DefaultName)[0]) }
	return cmd
}

// addDeploy adds the flags of a deployment to a command, and returns the function that runs it.
// With recipe, as in oadm's documentation, the storage can be omitted.
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
			return hint.BadUsage(errors.New("--local requires --dry-run"), "use --dry-run=client instead of --local")
		}
		s.Namespace = cmp.Or(m.Namespace, s.Namespace)
		return m.Deploy(cmd.Context(), env, s, show.Value)
	}
}
