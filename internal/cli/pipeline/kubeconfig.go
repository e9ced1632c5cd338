package pipeline

import (
	"context"
	"maps"
	"slices"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/tools/clientcmd/api"
)

// KubeFlags adds kubectl's flags that say which API server a command talks to, and as whom. A
// flag that the command has already, by name or by letter, stays the command's own.
func KubeFlags(env *cmdutil.Env, cmd *cobra.Command, c *cluster.Config) {
	c.Flags = genericclioptions.NewConfigFlags(false)
	c.Flags.CacheDir = new(string) // the default is regctl's own directory
	all := pflag.NewFlagSet("", pflag.ContinueOnError)
	c.Flags.AddFlags(all)
	usages := kubeUsages()
	all.VisitAll(func(f *pflag.Flag) {
		if usages[f.Name] == "" || cmd.Flags().Lookup(f.Name) != nil {
			return
		}
		if f.Shorthand != "" && cmd.Flags().ShorthandLookup(f.Shorthand) != nil {
			f.Shorthand = ""
		}
		f.Usage = usages[f.Name]
		cmd.Flags().AddFlag(f)
	})
	cmd.Flags().StringVar(c.Flags.KubeConfig, "config", "", "the same as --kubeconfig, as oadm named it")
	_ = cmd.Flags().MarkHidden("config") // the only failure is a flag that does not exist
	for name, list := range map[string]func(*api.Config) []string{
		"context": func(k *api.Config) []string { return slices.Sorted(maps.Keys(k.Contexts)) },
		"cluster": func(k *api.Config) []string { return slices.Sorted(maps.Keys(k.Clusters)) },
		"user":    func(k *api.Config) []string { return slices.Sorted(maps.Keys(k.AuthInfos)) },
	} {
		if all.Lookup(name) != cmd.Flags().Lookup(name) {
			continue // the command's own flag
		}
		_ = cmd.RegisterFlagCompletionFunc(name, cmdutil.Complete(env, cobra.ShellCompDirectiveNoFileComp,
			func(_ context.Context, env *cmdutil.Env, _ []string, _ string) []string {
				raw, err := c.Load(env.Getenv)
				if err != nil {
					return nil
				}
				return list(raw)
			}))
	}
}

// kubeUsages are the flags of kubectl that regctl has, with what they mean.
func kubeUsages() map[string]string {
	return map[string]string{
		"kubeconfig":               "kubeconfig `file` (default: $KUBECONFIG, else ~/.kube/config)",
		"context":                  "`context` of the kubeconfig (default: the current one)",
		"cluster":                  "`cluster` of the kubeconfig (default: the context's)",
		"user":                     "`user` of the kubeconfig (default: the context's)",
		"server":                   "`URL` of the API server (default: the cluster's)",
		"token":                    "bearer `token` for the API server",
		"as":                       "`user` to impersonate for the operation",
		"as-group":                 "`group` to impersonate; may be repeated",
		"as-uid":                   "`UID` to impersonate",
		"as-user-extra":            "extra `KEY=VALUE` of the impersonated user; may be repeated",
		"certificate-authority":    "PEM `file` of the CA that signed the API server's certificate",
		"client-certificate":       "PEM `file` of a client certificate for TLS",
		"client-key":               "PEM `file` of a client key for TLS",
		"insecure-skip-tls-verify": "skip verification of the API server's certificate",
		"tls-server-name":          "`name` to verify the API server's certificate with",
		"request-timeout":          "`time` to wait for a single request, such as 30s (default: 60s)",
		"cache-dir":                "`directory` of the discovery cache (default: $XDG_CACHE_HOME/regctl)",
		"disable-compression":      "do not compress responses of the API server",
		"proxy-url":                "`URL` of a proxy for the API server",
	}
}

// KubeFlagNames are the names of what KubeFlags adds.
func KubeFlagNames() (names []string) {
	for name := range kubeUsages() {
		names = append(names, name)
	}
	return append(names, "config")
}
