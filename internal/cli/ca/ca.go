// Package ca has the commands about certificates and their CAs, as "oadm ca".
package ca

import (
	"fmt"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// caDir is where oadm keeps its CA, relative to the working directory.
const caDir = "openshift.local.config/master/"

// New returns the command ca with its subcommands.
func New(env *cmdutil.Env) *cobra.Command {
	return cmdutil.Family("ca", "Create, sign, inspect and renew certificates",
		`Create, sign, inspect and renew certificates, all on this machine.

The commands, flags and files are those of "oadm ca". First a signer, then a
certificate for the names that a registry is reached by:

  regctl ca create-signer-cert
  regctl ca create-server-cert --hostnames registry.example.com,10.0.0.5 \
    --cert registry.crt --key registry.key`,
		newCreateSignerCert(env), newCreateServerCert(env), newCreateKeyPair(env),
		newEncrypt(env), newDecrypt(env), newCAInspect(env), newCARenew(env), newHiddenMasterCerts())
}

// NewHiddenCreateServerCert is the command at the top level, where old recipes type it.
func NewHiddenCreateServerCert(env *cmdutil.Env) *cobra.Command {
	cmd := newCreateServerCert(env)
	cmd.Hidden = true
	return cmd
}

// signerFlags name the CA that signs.
func signerFlags(cmd *cobra.Command, to *certs.CAFiles) {
	f := cmd.Flags()
	f.StringVar(&to.Cert, "signer-cert", caDir+"ca.crt", "certificate `file` of the signer")
	f.StringVar(&to.Key, "signer-key", caDir+"ca.key", "key `file` of the signer")
	f.StringVar(&to.Serial, "signer-serial", caDir+"ca.serial.txt", "serial `file` of the signer; empty for random serial numbers")
}

// certFlags are how a certificate is made.
func certFlags(cmd *cobra.Command, env *cmdutil.Env, days int) func() (certs.Options, error) {
	kind := cmdutil.EnumFlag(cmd, "key-type", "", "ecdsa", "key `type`: ecdsa (P-256) or rsa (2048 bits)", "ecdsa", "rsa")
	expire := cmd.Flags().Int("expire-days", days, "`days` of validity")
	return func() (certs.Options, error) {
		if *expire <= 0 {
			err := fmt.Errorf("--expire-days %d: must be at least 1", *expire)
			return certs.Options{}, hint.BadUsage(err, fmt.Sprintf("--expire-days %d", days))
		}
		o := certOptions(env)
		o.KeyType, o.Days = certs.KeyType(kind.Value), *expire
		return o, nil
	}
}

func certOptions(e *cmdutil.Env) certs.Options {
	return certs.Options{Now: e.Now, Rand: e.Rand, Warn: e.Warn}
}

// needed refuses a command line without one of its mandatory flags; a settings file may give them.
func needed(cmd *cobra.Command, flags ...string) error {
	for _, name := range flags {
		if cmd.Flag(name).Value.String() == "" {
			return cmdutil.Usage(cmd, fmt.Errorf("--%s is required", name))
		}
	}
	return nil
}

// noArgs refuses arguments where flags take everything; advice may say which flag one was meant for.
func noArgs(advice func(args []string) string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		err := fmt.Errorf("unexpected argument %q: the command takes only flags", args[0])
		if advice == nil {
			return err
		}
		return hint.BadUsage(err, advice(args))
	}
}

// fileFlags let a shell complete flags by file names.
func fileFlags(cmd *cobra.Command, flags ...string) {
	for _, name := range flags {
		_ = cmd.MarkFlagFilename(name) // fails only where there is no such flag
	}
}
