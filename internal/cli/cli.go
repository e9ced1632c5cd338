// Package cli is the command tree: each command reads its flags, makes one call
// and prints what came of it. It is the only importer of cobra and viper.
package cli

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/regctl/regctl/internal/cli/apply"
	"github.com/regctl/regctl/internal/cli/ca"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/cli/envvars"
	"github.com/regctl/regctl/internal/cli/expose"
	"github.com/regctl/regctl/internal/cli/image"
	"github.com/regctl/regctl/internal/cli/imagestreams"
	"github.com/regctl/regctl/internal/cli/login"
	"github.com/regctl/regctl/internal/cli/policy"
	"github.com/regctl/regctl/internal/cli/registry"
	"github.com/regctl/regctl/internal/cli/secrets"
	"github.com/regctl/regctl/internal/cli/serve"
	"github.com/regctl/regctl/internal/cli/storage"
	"github.com/regctl/regctl/internal/cli/trust"
	"github.com/regctl/regctl/internal/cli/volume"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// Main runs the program with args (args[0] is its name) and returns its exit status.
func Main(ctx context.Context, args []string, env *cmdutil.Env) int {
	args = login.AsHelper(args)
	out := &cmdutil.Sink{To: env.Out}
	env.Out, env.Args = out, args[1:]
	root := Root(env) //nolint:contextcheck // a command gets its context when it runs
	nameAfter(root, filepath.Base(args[0]))
	env.Args = ownWords(root, env.Args)
	root.SetArgs(env.Args)
	root.SetIn(env.In)
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	env.Interrupted, env.Commands = ctx.Done(), root
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		if out.Err == nil {
			return 0
		}
		err, env.Ran = cmdutil.FileError("stdout", out.Err), true
	}
	if !env.Ran {
		err = cmdutil.Usage(cmd, err)
	}
	err = cmdutil.Stopped(ctx, connect.AdviseImages(env, connect.Advise(err)))
	if !errors.Is(err, login.ErrSaid) {
		env.PrintError(err)
	}
	return hint.CodeOf(err)
}

// nameAfter makes the usage lines follow the name that the program was called by:
// as the plugin kubectl-regctl it is "kubectl regctl".
func nameAfter(root *cobra.Command, name string) {
	if host, ok := strings.CutSuffix(name, "-regctl"); ok && (host == "kubectl" || host == "oc") {
		root.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: host + " regctl"}
	}
}

// Root builds the command tree.
func Root(env *cmdutil.Env) *cobra.Command {
	settings := newSettings()
	root := &cobra.Command{
		Use:   "regctl",
		Short: "Run and manage container registries on this machine and in clusters",
		Long: `Run and manage a container registry on this machine or in a cluster: with TLS, trust,
access control, exposure and login.

Start here: regctl serve`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return useSettings(env, settings, cmd) },
	}
	globalFlags(root, env)
	root.AddGroup(&cobra.Group{ID: "main", Title: "Registry:"}, &cobra.Group{ID: "access", Title: "Access and trust:"},
		&cobra.Group{ID: "images", Title: "Images:"}, &cobra.Group{ID: "other", Title: "Other:"})
	family := registry.New(env)
	family.AddCommand(login.NewRegistryLogin(env), login.NewRegistryInfo(env))
	add(root, "main", serve.New(env), family, volume.New(env), envvars.New(env), secrets.New(env), expose.New(env), policy.New(env))
	add(root, "main", apply.NewApply(env), apply.NewDiff(env), storage.New(env))
	add(root, "access", ca.New(env), trust.New(env), login.NewLogin(env), login.NewLogout(env), login.NewWhoami(env), login.NewCredentialHelper(env))
	add(root, "images", image.New(env), imagestreams.New(env))
	add(root, "other", newVersion(env), newCompletion(env), newOptions(env))
	root.AddCommand(helpTopics()...)
	root.AddCommand(ca.NewHiddenCreateServerCert(env), newHiddenOC(), newHiddenCreate(env))
	habits(env, root)
	return root
}

func globalFlags(root *cobra.Command, env *cmdutil.Env) {
	f := root.PersistentFlags()
	f.VarPF(quietFlag{env}, "quiet", "q", "print only warnings, errors and the start table of serve; twice: no table").NoOptDefVal = "true"
	f.CountVarP(&env.Level, "verbose", "v", "print more on stderr; twice for details")
	color := &cmdutil.Enum{Value: "auto", Allowed: []string{"auto", "always", "never"}}
	f.Var(color, "color", "use colors on a terminal: auto, always or never")
	_ = root.RegisterFlagCompletionFunc("color", cobra.FixedCompletions(color.Allowed, cobra.ShellCompDirectiveNoFileComp))
	env.Color = "auto"
	root.PersistentFlags().Lookup("color").Value = colorFlag{color, &env.Color}
}

// colorFlag keeps Env.color in step with the flag.
type colorFlag struct {
	*cmdutil.Enum
	to *string
}

func (c colorFlag) Set(s string) error {
	if err := c.Enum.Set(s); err != nil {
		return err
	}
	*c.to = s
	return nil
}

// add puts commands into a group of their parent's help.
func add(parent *cobra.Command, group string, children ...*cobra.Command) {
	for _, c := range children {
		c.GroupID = group
		parent.AddCommand(c)
	}
}
