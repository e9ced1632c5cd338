package login

import (
	"errors"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/trust"
	"github.com/spf13/cobra"
)

// NewLogout returns the command logout.
func NewLogout(env *cmdutil.Env) *cobra.Command {
	var all bool
	var kube cluster.Config
	cmd := &cobra.Command{
		Use:   "logout [HOST[:PORT]]",
		Short: "Log out of a registry, or of an OpenShift cluster",
		Long: `Log out of a registry: remove its credentials from all files and credential helpers of
docker, podman, skopeo, buildah and regctl. The command does not contact the registry. A
token stays valid until it expires. For credentials of a namespace use HOST/NAMESPACE.

Without HOST, log out of the cluster: delete the token of the kubeconfig context on the
API server, in the kubeconfig, and in the credentials of registries.`,
		Example: `  regctl logout localhost:5000
  regctl logout --all`,
		ValidArgsFunction: connect.KnownHosts(env),
		Args: func(cmd *cobra.Command, args []string) error {
			if all && len(args) > 0 {
				return hint.BadUsage(errors.New("--all cannot be used with a host"), "regctl logout "+args[0])
			}
			_, err := kube.Open(env.Getenv)
			named := cmd.Flags().Changed("kubeconfig") || cmd.Flags().Changed("context") || cmd.Flags().Changed("config")
			if all || len(args) == 0 && (err == nil || named) {
				return nil
			}
			return oneHost(cmd, args)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "log out of all registries, but not of the cluster")
	pipeline.KubeFlags(env, cmd, &kube)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		files := credentials.Everywhere(connect.Credentials(env))
		switch {
		case all:
			return logoutAll(env, files)
		case len(args) == 0:
			return logoutCluster(cmd.Context(), env, kube, files)
		}
		host, _, _ := strings.Cut(args[0], "/")
		if _, err := trust.ParseHost(host); err != nil || strings.Contains(args[0], "://") {
			_, err = trust.ParseHost(args[0])
			return retype(cmd, "", err)
		}
		valid := staysValid(env, kube, files, args[0])
		if err := logout(env, files, args[0]); err != nil {
			return err
		}
		if valid {
			env.Say("note: the token of the kubeconfig stays valid; to delete it: regctl logout")
		}
		return nil
	}
	return cmd
}

func logout(env *cmdutil.Env, files []credentials.File, host string) error {
	where, err := credentials.Erase(files, host)
	if err != nil {
		return err
	}
	if err := forgetAccount(env, host); err != nil { // where its helper is not on the PATH
		return err
	}
	if len(where) == 0 {
		env.Say("Not logged in at %s", host)
	} else {
		env.Say("Logged out of %s: removed from %s", host, strings.Join(where, " and "))
	}
	return stillThere(env, files, host)
}

// stillThere names the credentials of the host's namespaces, which stay.
func stillThere(env *cmdutil.Env, files []credentials.File, host string) error {
	known, err := credentials.Hosts(files)
	for _, name := range known {
		if strings.HasPrefix(name, host+"/") {
			env.Say("note: credentials for %s are kept; to remove them: regctl logout %s", name, name)
		}
	}
	return err
}

func logoutAll(env *cmdutil.Env, files []credentials.File) error {
	credentials.RemoveLeftovers(files)
	hosts, err := credentials.Hosts(files)
	if err != nil {
		return err
	}
	done := false
	for _, host := range hosts {
		where, err := credentials.Erase(files, host)
		if err = errors.Join(err, forgetAccount(env, host)); err != nil {
			return err
		}
		if len(where) > 0 {
			env.Say("Logged out of %s: removed from %s", host, strings.Join(where, " and "))
			done = true
		}
	}
	if !done {
		env.Say("Not logged in anywhere")
	}
	return nil
}
