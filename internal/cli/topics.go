package cli

import (
	"fmt"
	"strings"
	"syscall"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func newOptions(env *cmdutil.Env) *cobra.Command {
	return &cobra.Command{
		Use:     "options",
		Short:   "List the flags of all commands",
		Example: "  regctl options",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(env.Out, cmd.Root().PersistentFlags().FlagUsagesWrapped(cmdutil.HelpWidth))
			return err
		},
	}
}

// helpTopics are pages of help that are no commands.
func helpTopics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "exit-codes", Short: "Show the meaning of exit statuses", Long: exitCodes()},
		{Use: "environment", Short: "Show the variables and files that regctl reads", Long: environment},
	}
}

func exitCodes() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-5d done\n", 0)
	fmt.Fprintf(&b, "%-5d failed; with diff: there are differences\n", hint.Failed)
	fmt.Fprintf(&b, "%-5d the command line is wrong, the user canceled, or diff failed\n", hint.Usage)
	fmt.Fprintf(&b, "%-5d not authorized: credentials are missing, wrong or expired, or lack a permission\n", hint.Denied)
	fmt.Fprintf(&b, "%-5d interrupted (SIGINT)\n", 128+syscall.SIGINT)
	fmt.Fprintf(&b, "%-5d terminated (SIGTERM); serve, when it has finished all requests, ends with 0", 128+syscall.SIGTERM)
	return b.String()
}

const environment = `REGCTL_<COMMAND>_<FLAG>  the default of a flag:
                         REGCTL_SERVE_ADDR=:5000 is "regctl serve --addr :5000"
REGCTL_SETTINGS          the settings file; the default is
                         $XDG_CONFIG_HOME/regctl/regctl.yaml, where
                         "serve: {addr: ':5000'}" has the same effect. A flag overrides
                         a variable, a variable over the file
NO_COLOR                 if set, disables colors

KUBECONFIG               the kubeconfig files
DOCKER_CONFIG            the directory of docker's config.json
DOCKER_AUTH_CONFIG       credentials in the format of docker's config.json
REGISTRY_AUTH_FILE       the credentials file of podman, skopeo and buildah
XDG_RUNTIME_DIR          the directory above containers/auth.json
XDG_CONFIG_HOME          default ~/.config
XDG_DATA_HOME            default ~/.local/share; regctl serve stores its data in regctl/

REGISTRY_*               for regctl serve: any key of distribution's config.yml
                         (REGISTRY_HTTP_ADDR, REGISTRY_STORAGE_DELETE_ENABLED, …)
SSL_CERT_FILE, SSL_CERT_DIR   the system's certificates, for outgoing connections`
