package cli

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func newRegistryDeploy(env *Env) *cobra.Command {
	var f deployFlags
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

-o prints what is wanted and does it all the same, unless with --dry-run. Secrets with
random content are not printed. --print spec prints a Registry document for "regctl apply".`,
		Example: `  regctl registry deploy --storage pvc --claim-size 10Gi
  regctl registry deploy --storage hostpath --mount-host /var/lib/registry --selector region=infra
  regctl registry deploy mirror --storage emptydir --auth none --print spec -o yaml`,
		Args: cobra.MaximumNArgs(1),
	}
	f.add(cmd)
	m := addSite(env, cmd)
	show := printFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := f.spec(env, cmd, append(args, platform.DefaultName)[0])
		if err != nil {
			return err
		}
		s.Namespace = m.namespace
		return m.deploy(cmd.Context(), env, s, show.value)
	}
	return cmd
}

// deploy makes a registry as the Spec says.
func (m *site) deploy(ctx context.Context, env *Env, s platform.Spec, show string) error {
	p, client, err := m.open(env)
	if err != nil {
		return err
	}
	full, changes, err := planRegistry(ctx, env, p, s)
	if err != nil {
		return err
	}
	if show == "spec" && m.output.value != "" && m.output.value != "name" {
		return m.runPrinting(ctx, env, client, full, changes)
	}
	if m.output.value == "yaml" || m.output.value == "json" {
		sayUnprinted(env, changes)
	}
	return m.run(ctx, env, client, changes)
}

// sayUnprinted names what is missing in the output.
func sayUnprinted(env *Env, changes []plan.Change) {
	var names []string
	for _, c := range changes {
		if once, ok := c.(*cluster.Once); ok {
			names = append(names, once.String())
		}
	}
	if len(names) > 0 {
		env.Say("not printed, since their content is random and made once, by regctl registry deploy: %s", strings.Join(names, ", "))
	}
}

// runPrinting prints the whole Spec where else the objects are printed.
func (m *mutation) runPrinting(ctx context.Context, env *Env, client *cluster.Client, s platform.Spec, changes []plan.Change) error {
	err := env.printDocuments(m.output.value, []any{platform.DocumentOf(s)})
	if err != nil || m.dry() {
		return err
	}
	m.output.value = ""
	silent := *env
	silent.Out = io.Discard // the names of the objects are not part of the document
	return m.run(ctx, &silent, client, changes)
}

// planRegistry asks, where it may, what nobody has said: where the images are to be.
func planRegistry(ctx context.Context, env *Env, p platform.Platform, s platform.Spec) (platform.Spec, []plan.Change, error) {
	full, err := p.Complete(ctx, s)
	if errors.Is(err, platform.ErrNoStorage) {
		if err := env.ephemeral(); err != nil {
			return s, nil, err
		}
		s.Storage = &platform.Storage{EmptyDir: &platform.EmptyDir{}}
		full, err = p.Complete(ctx, s)
	}
	if err != nil {
		return s, nil, err
	}
	changes, err := p.Plan(ctx, full)
	return full, changes, err
}

// ephemeral asks whether the images may be lost with the pod.
func (e *Env) ephemeral() error {
	if _, tty := terminal(e.In); !tty {
		return hint.BadUsage(platform.ErrNoStorage, "add --storage "+strings.Join(platform.Kinds(), "|")+"; images in emptydir are lost with the pod: regctl registry deploy --help")
	}
	return e.Confirm("no --storage given: keep the images in the pod, and lose them when it goes?", "--storage emptydir")
}
