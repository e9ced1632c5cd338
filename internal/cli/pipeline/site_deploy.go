package pipeline

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/platforms"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// tellExposed is tell after a deployment, where that was to expose the registry.
func (m *Site) tellExposed(ctx context.Context, env *cmdutil.Env, p platform.Platform, s platform.Spec) error {
	exposer, able := p.(platform.Exposer)
	if s.Exposure == nil || !able {
		return nil
	}
	return m.Tell(ctx, env, exposer, s.Name, *s.Exposure)
}

// Tell prints the address of a registry and the next steps.
func (m *Site) Tell(ctx context.Context, env *cmdutil.Env, p platform.Exposer, name string, e platform.Exposure) error {
	if !m.wait && e.Kind == platform.LoadBalancer {
		return nil
	}
	host, next, err := p.Reach(ctx, name, e, m.timeout)
	if err != nil || host == "" {
		return err
	}
	env.Say("the registry is available at %s; next steps:", host)
	for _, line := range next {
		env.Say("  %s", line)
	}
	return nil
}

// Deploy makes a registry as the Spec says.
func (m *Site) Deploy(ctx context.Context, env *cmdutil.Env, s platform.Spec, show string) error {
	if show == "spec" && !m.Output.Data() {
		return hint.BadUsage(errors.New("--print requires --output"), "add -o yaml, and --dry-run=server to change nothing")
	}
	p, err := m.OpenFor(ctx, env, s)
	if err != nil {
		return err
	}
	full, changes, err := m.Plan(ctx, env, p, s)
	if err != nil {
		return err
	}
	if manual, ok := p.Platform.(platform.Manual); ok && manual.Missing() != nil && !m.Dry() {
		return byHand(env, manual, full, changes)
	}
	if show == "spec" && m.Output.Value != "name" {
		return m.runPrinting(ctx, env, p.Client, full, changes)
	}
	if m.Output.Data() && m.Output.Value != "name" {
		sayUnprinted(env, changes)
	}
	if err := m.Run(ctx, env, p.Client, changes); err != nil || m.Dry() {
		return err
	}
	return m.tellExposed(ctx, env, p.Platform, full)
}

// sayUnprinted names what is missing in the output.
func sayUnprinted(env *cmdutil.Env, changes []plan.Change) {
	var names []string
	for _, c := range changes {
		if made, ok := c.(*change.Make); ok && made.Fill != nil {
			names = append(names, made.String())
		}
	}
	if len(names) > 0 {
		env.Say("omitted, because regctl registry deploy generates their random content: %s", strings.Join(names, ", "))
	}
}

// runPrinting prints the whole Spec where else the objects are printed.
func (m *Mutation) runPrinting(ctx context.Context, env *cmdutil.Env, client *cluster.Client, s platform.Spec, changes []plan.Change) error {
	err := m.Output.PrintObjects(env, []any{platform.DocumentOf(s)})
	if err != nil || m.Dry() {
		return err
	}
	quiet := *m
	quiet.ChangeFlags = &ChangeFlags{DryRun: m.DryRun, Output: &cmdutil.Output{}, Diff: m.Diff}
	silent := *env
	silent.Out = io.Discard // the names of the objects are not part of the document
	return quiet.Run(ctx, &silent, client, changes)
}

// Plan asks, where it may, what nobody has said: where the images are to be.
func (m *Site) Plan(ctx context.Context, env *cmdutil.Env, p *platforms.Opened, s platform.Spec) (platform.Spec, []plan.Change, error) {
	full, err := p.Complete(ctx, s)
	if errors.Is(err, platform.ErrNoStorage) && hint.Of(err) == "" {
		if err := m.ephemeral(env, p, s.Name); err != nil {
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

// ephemeral asks whether the images may be lost with the pod. Where oadm's recipe is
// followed that is its first step, and the storage comes by the next.
func (m *Site) ephemeral(env *cmdutil.Env, p *platforms.Opened, name string) error {
	if m.Recipe && p.Name == platform.OpenShift3 {
		env.Warn("images are stored in the pod and LOST when it is deleted; before the first push: regctl volume add dc/%s -n %s --name=%s --overwrite -t pvc --claim-name=%s --claim-size=10Gi",
			name, p.Client.Namespace, platform.StorageVolume, name)
		return nil
	}
	if m.Recipe && m.DryRun.Value == string(plan.Client) {
		return hint.BadUsage(platform.ErrNoStorage, "add --platform openshift3, which can store images in the pod, or --dry-run=server to ask the cluster")
	}
	if m.DryRun.Value == string(plan.Client) {
		return hint.BadUsage(platform.ErrNoStorage, "add --storage "+strings.Join(platform.Kinds(), "|")+"; for an existing registry: --dry-run=server")
	}
	if _, tty := cmdutil.Terminal(env.In); !tty {
		return hint.BadUsage(platform.ErrNoStorage, "add --storage "+strings.Join(platform.Kinds(), "|")+"; emptydir loses images with the pod: regctl registry deploy --help")
	}
	return env.Confirm("no --storage given: store images in the pod, and lose them when it is deleted?", "--storage emptydir")
}

// PrintFlag adds --print, which selects what -o prints.
func PrintFlag(cmd *cobra.Command) *cmdutil.Enum {
	return cmdutil.EnumFlag(cmd, "print", "", "objects", "what --output prints: objects, or spec (a Registry manifest)", "objects", "spec")
}
