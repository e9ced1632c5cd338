package registry

import (
	"context"
	"fmt"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/openshift4"
	"github.com/regctl/regctl/pkg/hint"
)

// removeOperators has OpenShift 4's operator remove the registry of the cluster, where that is
// meant. It is not by the name that registries have where none is given: a script that
// cleans up after a registry of its own must not take everybody's away.
func (d *deletion) removeOperators(ctx context.Context, env *cmdutil.Env, client *cluster.Client, name string) (done bool, err error) {
	if d.Platform.Value != platform.OpenShift4 && name != openshift4.Name {
		return false, nil
	}
	operators, err := clusterRegistry(ctx, client, d.Platform.Value, name)
	if err != nil || !operators {
		return false, err
	}
	if !openshift4.Is(name) {
		return false, hint.BadUsage(fmt.Errorf("registry %s: %w: the operator has one registry", name, platform.ErrUnsupported), "leave --platform out")
	}
	if d.claims || d.secrets {
		return false, hint.BadUsage(fmt.Errorf("--delete-claims and --delete-secrets: %w: what belongs to the cluster's registry is its operator's", platform.ErrUnsupported), "leave them out, and delete by kubectl what is left in namespace "+openshift4.Namespace)
	}
	p, err := d.OpenShift4(env, client)
	if err != nil {
		return false, err
	}
	changes, err := p.Remove(ctx)
	if err != nil {
		return false, err
	}
	return true, d.Mutation.Run(ctx, env, client, changes)
}
