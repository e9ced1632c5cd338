package secrets

import (
	"errors"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/opensvc"
	"github.com/regctl/regctl/internal/secrets"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// dockercfgFlags say which credentials a pull secret is to hold.
type dockercfgFlags struct {
	login    secrets.Login
	from     string
	hosts    []string // of --from-login
	stdin    bool
	format   *cmdutil.Enum
	password bool // --docker-password was given
}

func newSecretsDockercfg(env *cmdutil.Env) *cobra.Command {
	d := &dockercfgFlags{}
	cmd := &cobra.Command{
		Use:   "new-dockercfg NAME",
		Short: "Create a pull secret",
		Long: `Create a secret with which pods pull images. The credentials are a user name and a
password, those of a file such as docker's config.json (--from-file), or those of your
login (--from-login), from a file or a credential helper.

The type is kubernetes.io/dockerconfigjson. --format dockercfg creates the older type
kubernetes.io/dockercfg.

OpenSVC: --platform opensvc creates a sec object with the key config.json, for the
keyword registry_creds of services (default: docker's config.json).`,
		Example: `  echo secret | regctl secrets new-dockercfg pull-secret \
    --docker-server=registry.example.com:5000 --docker-username=alice --password-stdin
  regctl secrets new-dockercfg pull-secret --from-login registry.example.com:5000`,
		Args: secretName,
	}
	s := addSecretFlags(env, cmd)
	f := cmd.Flags()
	f.StringVar(&d.login.Server, "docker-server", secrets.HubServer, "registry `host`[:port], as in image names")
	f.StringVar(&d.login.Username, "docker-username", "", "`user` name for the registry")
	f.StringVar(&d.login.Password, "docker-password", "", "`password`, visible to all users; prefer --password-stdin")
	f.StringVar(&d.login.Email, "docker-email", "", "e-mail `address`; ignored by registries")
	f.BoolVar(&d.stdin, "password-stdin", false, "read the password from stdin")
	f.StringVar(&d.from, "from-file", "", "`file` with credentials: config.json, auth.json or .dockercfg")
	f.StringSliceVar(&d.hosts, "from-login", nil, "use the stored credentials for this `host`; repeatable")
	_ = cmd.RegisterFlagCompletionFunc("from-login", func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return connect.KnownHosts(env)(cmd, nil, typed)
	})
	d.format = cmdutil.EnumFlag(cmd, "format", "", "dockerconfigjson", "`format` of the secret: dockerconfigjson or dockercfg", "dockerconfigjson", "dockercfg")
	place, agent := pipeline.SiteFlag(cmd), pipeline.AgentFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d.password = cmd.Flags().Changed("docker-password")
		if place.Value == platform.OpenSVC {
			return s.openSVC(cmd.Context(), env, args[0], opensvc.Generation(agent.Value), d)
		}
		kind := "kubernetes.io/" + d.format.Value
		data, err := d.data(env, kind)
		if err != nil {
			return err
		}
		return s.run(cmd.Context(), env, args[0], kind, data)
	}
	return cmd
}

// data finds the credentials where the flags say, in one of the three ways.
func (d *dockercfgFlags) data(env *cmdutil.Env, kind string) (secrets.Data, error) {
	typed := d.login.Username != "" || d.password || d.stdin
	switch {
	case len(d.hosts) > 0 && (d.from != "" || typed):
		return nil, hint.BadUsage(errors.New("--from-login cannot be used with --from-file, a user name or a password"), "omit one of them")
	case len(d.hosts) > 0:
		logins, err := loginsAt(env, d.hosts)
		if err != nil {
			return nil, err
		}
		return secrets.PullData(kind, logins)
	case d.from != "" && typed:
		return nil, hint.BadUsage(errors.New("--from-file cannot be used with a user name or password"), "omit one of them")
	case d.from != "":
		return fromFile(d.from, kind)
	}
	return d.typed(env, kind)
}

func fromFile(path, kind string) (secrets.Data, error) {
	content, err := secrets.ReadFile(path)
	if err != nil {
		return nil, err
	}
	data, err := secrets.ConvertDocker(kind, content)
	if err != nil {
		return nil, hint.New(cmdutil.FileError(path, err), hint.Of(err))
	}
	return data, nil
}

// typed takes the user name of the command line, and asks for the password where that is not given.
func (d *dockercfgFlags) typed(env *cmdutil.Env, kind string) (_ secrets.Data, err error) {
	c := credentials.Credential{Username: d.login.Username}
	if c.Username == "" {
		return nil, hint.BadUsage(errors.New("--docker-username is required"), "add --docker-username USER, or --from-file FILE, or --from-login HOST")
	}
	if err := c.CheckName(); err != nil {
		return nil, hint.BadUsage(err, "")
	}
	if c.Password, err = flagPassword(env, "docker-password", d.login.Password, d.password, d.stdin); err != nil {
		return nil, err
	}
	d.login.Password = c.Password
	if err := c.Check(); err != nil {
		return nil, err
	}
	return d.login.Data(kind)
}

// flagPassword is a password from a flag, with docker's warning, from stdin, or from a prompt.
func flagPassword(e *cmdutil.Env, flag, value string, given, stdin bool) (string, error) {
	if given && stdin {
		return "", hint.BadUsage(errors.New("--"+flag+" cannot be used with --password-stdin"), "omit --"+flag)
	}
	if given {
		e.Warn("--%s is visible to all users of this machine; use --password-stdin", flag)
		return value, nil
	}
	return e.Password("Password: ", stdin)
}
