package ca

import (
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func newCARenew(env *cmdutil.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "renew --cert FILE --key FILE",
		Short: "Renew a server certificate with the same names",
		Long: `Renew a server certificate: it keeps its names and gets a new serial number and a new
validity. A certificate of another signer is rejected.

The key is kept, so a server that reloads its files continues to work. --new-key creates
a new key of the same type, or of --key-type.`,
		Example: `  regctl ca renew --cert registry.crt --key registry.key
  regctl ca renew --cert registry.crt --key registry.key --new-key --expire-days 365`,
		Args: noArgs(func(args []string) string { return "--cert " + args[0] }),
	}
	var signer certs.CAFiles
	var pair certs.PairFiles
	signerFlags(cmd, &signer)
	f := cmd.Flags()
	f.StringVar(&pair.Cert, "cert", "", "certificate `file`")
	f.StringVar(&pair.Key, "key", "", "key `file`; overwritten with --new-key")
	newKey := f.Bool("new-key", false, "create a new key")
	fileFlags(cmd, "signer-cert", "signer-key", "signer-serial", "cert", "key")
	options := certFlags(cmd, env, certs.ServerDays)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, err := options()
		if err != nil {
			return err
		}
		if !cmd.Flag("key-type").Changed {
			o.KeyType = "" // that of the old key
		}
		mandatory := []string{"cert", "signer-cert", "signer-key"}
		if *newKey {
			mandatory = append(mandatory, "key")
		}
		if err := needed(cmd, mandatory...); err != nil {
			return err
		}
		ca, err := certs.LoadCA(signer, env.Now())
		if err != nil {
			return hint.New(err, serverCert{signer: signer}.signerAdvice(err))
		}
		if _, err := ca.Renew(pair, *newKey, o); err != nil {
			return err
		}
		return sayPair(env, pair, map[bool]string{true: "renewed with a new key", false: "renewed, the key stays"}[*newKey])
	}
	return cmd
}
