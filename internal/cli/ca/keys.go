package ca

import (
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/spf13/cobra"
)

func newCreateKeyPair(env *cmdutil.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "create-key-pair",
		Short: "Create a public and a private key",
		Long: `Create a public and a private key, without any certificate, such as OpenShift signs
service account tokens with. Both files are readable by their owner alone.

An existing pair is kept, unless --overwrite is given.`,
		Example: `  regctl ca create-key-pair --public-key sa.public.key --private-key sa.private.key`,
		Args:    noArgs(nil),
	}
	var files certs.KeyPairFiles
	f := cmd.Flags()
	f.StringVar(&files.Public, "public-key", "", "public key `file`")
	f.StringVar(&files.Private, "private-key", "", "private key `file`")
	overwrite := f.Bool("overwrite", false, "replace existing files")
	kind := cmdutil.EnumFlag(cmd, "key-type", "", "rsa", "key `type`: rsa (2048 bits) or ecdsa (P-256)", "ecdsa", "rsa")
	fileFlags(cmd, "public-key", "private-key")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := needed(cmd, "public-key", "private-key"); err != nil {
			return err
		}
		made, err := certs.CreateKeyPair(files, *overwrite, certs.KeyType(kind.Value))
		switch {
		case err != nil:
			return err
		case made:
			env.Say("Generated new key pair as %s and %s", files.Public, files.Private)
		default:
			env.Say("kept the key pair in %s and %s", files.Public, files.Private)
		}
		return nil
	}
	return cmd
}
