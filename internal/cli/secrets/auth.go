package secrets

import (
	"errors"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/secrets"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// sourceFlags are files that a build needs beside its credentials.
type sourceFlags struct{ ca, gitconfig string }

func (s *sourceFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.ca, "ca-cert", "", "add this CA `file` as ca.crt")
	cmd.Flags().StringVar(&s.gitconfig, "gitconfig", "", "add this `file` as .gitconfig")
}

// read adds the files to data.
func (s *sourceFlags) read(data secrets.Data) error {
	for key, path := range map[string]string{"ca.crt": s.ca, ".gitconfig": s.gitconfig} {
		if path == "" {
			continue
		}
		content, err := secrets.ReadFile(path)
		if err != nil {
			return err
		}
		data[key] = content
	}
	return nil
}

func newSecretsBasicAuth(env *cmdutil.Env) *cobra.Command {
	var user, password string
	var prompt, stdin bool
	files := &sourceFlags{}
	cmd := &cobra.Command{
		Use:   "new-basicauth NAME",
		Short: "Create a secret from a user name and a password",
		Long: `Create a secret of type kubernetes.io/basic-auth from a user name, a password, or both.
If the password is a token, Git servers do not require a user name.`,
		Example: `  echo secret | regctl secrets new-basicauth git-login --username=alice --password-stdin`,
		Args:    secretName,
	}
	s := addSecretFlags(env, cmd)
	f := cmd.Flags()
	f.StringVar(&user, "username", "", "`user` name")
	f.StringVar(&password, "password", "", "`password` or token, visible to all users; prefer --password-stdin")
	f.BoolVar(&prompt, "prompt", false, "prompt for the password")
	f.BoolVar(&stdin, "password-stdin", false, "read the password from stdin")
	files.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		given := cmd.Flags().Changed("password")
		switch {
		case prompt && (given || stdin):
			return hint.BadUsage(errors.New("--prompt cannot be used with --password or --password-stdin"), "omit --prompt")
		case user == "" && !given && !prompt && !stdin:
			return hint.BadUsage(errors.New("a user name or a password is required"), "add --username USER --password-stdin")
		}
		data := secrets.Data{}
		if user != "" {
			data["username"] = []byte(user)
		}
		if given || prompt || stdin {
			text, err := flagPassword(env, "password", password, given, stdin)
			if err != nil {
				return err
			}
			if strings.TrimSpace(text) == "" {
				return hint.BadUsage(errors.New("the password is empty"), "")
			}
			data["password"] = []byte(text)
		}
		if err := files.read(data); err != nil {
			return err
		}
		return s.run(cmd.Context(), env, args[0], secrets.BasicAuth, data)
	}
	return cmd
}

func newSecretsSSHAuth(env *cmdutil.Env) *cobra.Command {
	var key string
	files := &sourceFlags{}
	cmd := &cobra.Command{
		Use:   "new-sshauth NAME",
		Short: "Create a secret from a private SSH key",
		Long: `Create a secret of type kubernetes.io/ssh-auth from a private key. The key must not have
a passphrase, which a pod cannot enter.`,
		Example: `  regctl secrets new-sshauth git-key --ssh-privatekey=id_ed25519`,
		Args:    secretName,
	}
	s := addSecretFlags(env, cmd)
	cmd.Flags().StringVar(&key, "ssh-privatekey", "", "private key `file` (required)")
	files.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if key == "" {
			return hint.BadUsage(errors.New("--ssh-privatekey is required"), "add --ssh-privatekey FILE")
		}
		content, err := secrets.ReadFile(key)
		if err != nil {
			return err
		}
		data := secrets.Data{"ssh-privatekey": content}
		if err := files.read(data); err != nil {
			return err
		}
		return s.run(cmd.Context(), env, args[0], secrets.SSHAuth, data)
	}
	return cmd
}
