package ca

import (
	"fmt"
	"os"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/spf13/cobra"
)

func newCreateSignerCert(env *cmdutil.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "create-signer-cert",
		Short: "Make a certificate authority that signs server certificates",
		Long: `Make a certificate authority (signer): its certificate, its key and its serial file.

What is there is replaced, as oadm does, and what it had signed is then no longer
believed. With --overwrite=false a signer that is there stays, if it is good.`,
		Example: `  regctl ca create-signer-cert
  regctl ca create-signer-cert --cert ca.crt --key ca.key --serial ca.serial.txt \
    --name registry-signer --overwrite=false`,
		Args: noArgs(nil),
	}
	var files certs.CAFiles
	f := cmd.Flags()
	f.StringVar(&files.Cert, "cert", caDir+"ca.crt", "write the certificate to this `file`")
	f.StringVar(&files.Key, "key", caDir+"ca.key", "write the key to this `file`")
	f.StringVar(&files.Serial, "serial", caDir+"ca.serial.txt", "write the serial number to this `file`; empty: none")
	name := f.String("name", "", "the signer's `name` (default openshift-signer@<unix time>)")
	overwrite := f.Bool("overwrite", true, "replace a signer that is there")
	fileFlags(cmd, "cert", "key", "serial")
	options := certFlags(cmd, env, certs.CADays)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, err := options()
		if err == nil {
			err = needed(cmd, "cert", "key")
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

func createSigner(e *cmdutil.Env, files certs.CAFiles, name string, overwrite bool, o certs.Options) error {
	_, statErr := os.Stat(files.Cert)
	create := func(files certs.CAFiles, name string, o certs.Options) (*certs.CA, bool, error) {
		ca, err := certs.CreateCA(files, name, o)
		return ca, err == nil, err
	}
	if !overwrite {
		create = certs.EnsureCA
	}
	ca, made, err := create(files, name, o)
	if err != nil {
		return err
	}
	until := ca.Cert().NotAfter.UTC().Format("2006-01-02")
	if !made {
		e.Say("kept the signer %s in %s: valid until %s", ca.Cert().Subject.CommonName, files.Cert, until)
		return nil
	}
	if statErr == nil {
		e.Warn("%s was replaced: make anew what the old signer had signed, and trust the new one", files.Cert)
	}
	e.Say("made the signer %s in %s, key %s; valid until %s", name, files.Cert, files.Key, until)
	return nil
}
