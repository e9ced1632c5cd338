package ca

import (
	"fmt"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func newCreateSignerCert(env *cmdutil.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "create-signer-cert",
		Short: "Create a certificate authority that signs server certificates",
		Long: `Create a certificate authority (signer): its certificate, its key and its serial file.

An existing signer is replaced only with --overwrite: clients no longer trust what it has
signed. Copies of its certificate and key are kept beside them (*.regctl-backup-TIME). With
--overwrite=false an existing signer is kept if it can sign.`,
		Example: `  regctl ca create-signer-cert
  regctl ca create-signer-cert --cert ca.crt --key ca.key --serial ca.serial.txt \
    --name registry-signer --overwrite=false`,
		Args: noArgs(nil),
	}
	var files certs.CAFiles
	f := cmd.Flags()
	f.StringVar(&files.Cert, "cert", caDir+"ca.crt", "certificate `file`")
	f.StringVar(&files.Key, "key", caDir+"ca.key", "key `file`")
	f.StringVar(&files.Serial, "serial", caDir+"ca.serial.txt", "serial `file`; empty for none")
	name := f.String("name", "", "`name` of the signer (default openshift-signer@<unix time>)")
	overwrite := f.Bool("overwrite", true, "replace an existing signer; =false: keep it")
	f.Int("signer-expire-days", certs.CADays, "the same as --expire-days, as oadm ca create-master-certs calls it")
	_ = f.MarkHidden("signer-expire-days")
	fileFlags(cmd, "cert", "key", "serial")
	options := certFlags(cmd, env, certs.CADays)
	cmd.MarkFlagsMutuallyExclusive("expire-days", "signer-expire-days")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if days := cmd.Flag("signer-expire-days"); days.Changed {
			if err := f.Set("expire-days", days.Value.String()); err != nil {
				return err
			}
		}
		o, err := options()
		if err == nil {
			err = needed(cmd, "cert", "key")
		}
		if err == nil && !cmd.Flag("overwrite").Changed {
			err = vacant(files)
		}
		if err != nil {
			return err
		}
		if *name == "" {
			*name = fmt.Sprintf("openshift-signer@%d", env.Now().Unix())
		}
		return createSigner(env, files, *name, *overwrite, o)
	}
	return cmd
}

// vacant refuses to replace a signer that nobody has asked to replace.
func vacant(files certs.CAFiles) error {
	for _, file := range []string{files.Cert, files.Key} {
		if !absent(file) {
			return hint.Errorf("keep it by --overwrite=false, or replace it by --overwrite", "%s: already exists", file)
		}
	}
	return nil
}

func createSigner(e *cmdutil.Env, files certs.CAFiles, name string, overwrite bool, o certs.Options) error {
	create := func(files certs.CAFiles, name string, o certs.Options) (*certs.CA, bool, error) {
		ca, err := certs.CreateCA(files, name, o)
		return ca, err == nil, err
	}
	if !overwrite {
		create = certs.EnsureCA
	}
	replaces := overwrite && !absent(files.Cert)
	ca, made, err := create(files, name, o)
	if err != nil {
		return err
	}
	until := ca.Cert().NotAfter.UTC().Format("2006-01-02")
	if !made {
		if bits := ca.WeakBits(); bits > 0 {
			e.Warn("%s: the signer's RSA key has only %d bits: clients may refuse what it signs; --overwrite replaces it", files.Cert, bits)
		}
		e.Say("kept the signer %s in %s: valid until %s", ca.Cert().Subject.CommonName, files.Cert, until)
		return nil
	}
	if replaces {
		e.Warn("%s was replaced: issue again what the old signer had signed, and trust the new one", files.Cert)
		for _, file := range []string{files.Cert, files.Key} {
			if kept := certs.Backups(file); len(kept) > 0 {
				e.Say("the old one is kept in %s", kept[len(kept)-1])
			}
		}
	}
	e.Say("created the signer %s in %s, key %s; valid until %s", name, files.Cert, files.Key, until)
	return nil
}
