package cli

import (
	"path/filepath"

	"github.com/regctl/regctl/internal/serve"
	"github.com/regctl/regctl/pkg/registry"
	"github.com/spf13/cobra"
)

func newServeUser(env *Env) *cobra.Command {
	var file, root string
	cmd := family("user", "Add, remove and list the users of the registry on this machine",
		"The file of users is changed in one step; a running registry takes it up by itself.",
		newUserAdd(env, &file), newUserRemove(env, &file), newUserList(env, &file))
	cmd.PersistentFlags().StringVar(&file, "htpasswd", "", "`file` of users (default htpasswd in the root folder)")
	cmd.PersistentFlags().StringVar(&root, "root", "", "root `folder` of the registry (default $XDG_DATA_HOME/regctl)")
	for _, c := range cmd.Commands() {
		c.PreRun = func(*cobra.Command, []string) {
			if root == "" {
				root = filepath.Join(env.DataHome(), "regctl")
			}
			if file == "" {
				file = serve.HtpasswdFile(root)
			}
		}
	}
	return cmd
}

func newUserAdd(env *Env, file *string) *cobra.Command {
	var stdin bool
	cmd := &cobra.Command{
		Use:     "add NAME",
		Short:   "Add a user, or change a password",
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

func newUserRemove(env *Env, file *string) *cobra.Command {
	return &cobra.Command{
		Use:     "remove NAME",
		Aliases: []string{"rm", "delete"},
		Short:   "Remove a user",
		Example: "  regctl serve user remove ann",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := registry.RemoveUser(*file, args[0]); err != nil {
				return err
			}
			env.Say("user %s removed from %s", args[0], *file)
			return nil
		},
	}
}

func newUserList(env *Env, file *string) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the users",
		Example: "  regctl serve user list",
		Args:    cobra.NoArgs,
	}
	output := outputFlag(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		users, err := registry.ListUsers(*file)
		if err != nil {
			return err
		}
		table := make([][]string, len(users))
		for i, u := range users {
			table[i] = []string{u}
		}
		return env.Print(output.value, users, table)
	}
	return cmd
}
