package serve

import (
	"path/filepath"
	"slices"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/serve"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/registry"
	"github.com/spf13/cobra"
)

func newServeUser(env *cmdutil.Env) *cobra.Command {
	var file, root string
	cmd := cmdutil.Family("user", "Add, remove and list the users of the registry on this machine",
		"The file of users is replaced in one step; a running registry reloads it.",
		newUserAdd(env, &file), newUserRemove(env, &file), newUserList(env, &file))
	cmd.PersistentFlags().StringVar(&file, "htpasswd", "", "`file` of users (default htpasswd in the root directory)")
	cmd.PersistentFlags().StringVar(&root, "root", "", "root `directory` of the registry (default $XDG_DATA_HOME/regctl)")
	for _, c := range cmd.Commands() {
		check := c.PreRunE
		c.PreRunE = func(cmd *cobra.Command, args []string) error {
			if root == "" {
				root = filepath.Join(env.DataHome(), "regctl")
			}
			if file == "" {
				file = serve.HtpasswdFile(root)
			}
			if check == nil {
				return nil
			}
			return check(cmd, args)
		}
	}
	return cmd
}

func newUserAdd(env *cmdutil.Env, file *string) *cobra.Command {
	var stdin bool
	cmd := &cobra.Command{
		Use:     "add NAME",
		Short:   "Add a user or change a password",
		Example: "  echo secret | regctl serve user add ann --password-stdin",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			password, err := env.NewPassword(stdin)
			if err != nil {
				return err
			}
			added, err := registry.AddUser(*file, args[0], password)
			if err != nil {
				return err
			}
			if added {
				env.Say("user %s added to %s", args[0], *file)
			} else {
				env.Say("password of %s changed in %s", args[0], *file)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&stdin, "password-stdin", false, "read the password from stdin")
	return cmd
}

func newUserRemove(env *cmdutil.Env, file *string) *cobra.Command {
	return &cobra.Command{
		Use:     "remove NAME...",
		Short:   "Remove users",
		Example: "  regctl serve user remove ann",
		Args:    cobra.MinimumNArgs(1),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			_ = cmd.PreRunE(cmd, args) // finds the file; nothing else is checked here
			users, _ := registry.ListUsers(*file)
			users = slices.DeleteFunc(users, func(user string) bool { return slices.Contains(args, user) })
			return users, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			users, err := registry.ListUsers(*file)
			if err != nil {
				return err
			}
			for _, user := range args {
				if !slices.Contains(users, user) { // none goes before all are known
					return hint.Errorf("regctl serve user list --htpasswd "+hint.Quote(*file), "%s: no user %q", *file, user)
				}
			}
			slices.Sort(args)
			for _, user := range slices.Compact(args) {
				if err := registry.RemoveUser(*file, user); err != nil {
					return err
				}
				env.Say("user %s removed from %s", user, *file)
			}
			return nil
		},
	}
}

func newUserList(env *cmdutil.Env, file *string) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the users",
		Example: "  regctl serve user list",
		Args:    cobra.NoArgs,
	}
	output := cmdutil.OutputFlag(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		users, err := registry.ListUsers(*file)
		if err != nil {
			return err
		}
		table := make([][]string, len(users))
		for i, u := range users {
			table[i] = []string{u}
		}
		return output.Print(env, users, table)
	}
	return cmd
}
