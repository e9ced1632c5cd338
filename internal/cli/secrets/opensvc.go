package secrets

import (
	"cmp"
	"context"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform/opensvc"
	"github.com/regctl/regctl/internal/secrets"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
)

// openSVC makes the sec object with which services of a namespace pull images.
func (s *secretFlags) openSVC(ctx context.Context, env *cmdutil.Env, name string, generation opensvc.Generation, d *dockercfgFlags) error {
	if d.from == "" && len(d.hosts) == 0 && d.login.Username == "" {
		files, err := credentials.Targets(connect.Credentials(env), "docker")
		if err != nil {
			return err
		}
		d.from = files[0].Path
	}
	s.AsOriginal(env, s.cmd, plan.Client)
	data, err := d.data(env, secrets.DockerConfigJSON)
	if err != nil {
		return err
	}
	agent := opensvc.FindAgent(ctx, generation)
	change, err := agent.Credentials(s.Namespace, name, data[".dockerconfigjson"])
	if err != nil {
		return err
	}
	if agent.Program == "" && !s.Dry() {
		return hint.New(opensvc.ErrNoAgent, "on a node: "+agent.CredentialsByHand(s.Namespace, name, cmp.Or(d.from, "config.json")))
	}
	if err := s.Mutation.Run(ctx, env, nil, []plan.Change{change}); err != nil {
		return err
	}
	env.Say("%s", agent.CredentialsNote(name))
	return nil
}
