package pipeline

import (
	"errors"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/openshift3"
	"github.com/regctl/regctl/pkg/hint"
)

// openShift3 is the platform of an OpenShift 3, whether it was found or named.
func (s *Site) openShift3(env *cmdutil.Env, client *cluster.Client) (platform.Platform, error) {
	if !client.Offline() {
		found, err := client.Has(openshift3.Config())
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, hint.BadUsage(errors.New("--platform openshift3: the cluster has no deployment configs"), "leave --platform out, or --platform kubernetes")
		}
	}
	return openshift3.New(*s.kubernetes(env, client)), nil
}
