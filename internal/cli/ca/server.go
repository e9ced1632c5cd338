package ca

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// serverCert is what create-server-cert was asked for.
type serverCert struct {
	signer    certs.CAFiles
	pair      certs.PairFiles
	csr       string
	names     []string
	overwrite bool
}

func newCreateServerCert(env *cmdutil.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "create-server-cert --hostnames NAMES",
		Short: "Create a server certificate and its key, or sign a request",
		Long: `Create a server certificate for host names and IP addresses, and its key.

The first of --hostnames is the common name. The signer's chain follows the
certificate in its file. With --overwrite=false a pair stays if the key matches, this
signer signed it for servers, all names are in it, and it is valid for another 30 days;
a key that has no certificate stays and gets one.

To sign with the CA that "regctl serve" has made (d=$XDG_DATA_HOME/regctl/ca, by default
~/.local/share/regctl/ca), add:

  --signer-cert=$d/ca.crt --signer-key=$d/ca.key --signer-serial=$d/ca.serial.txt

With --csr a signing request is signed instead: no key is made, and the names are
the request's own unless --hostnames is given. Whoever has openssl makes one so:

  openssl req -new -newkey rsa:2048 -nodes -keyout app.key -out app.csr \
    -subj /CN=app.example.com -addext subjectAltName=DNS:app.example.com`,
		Example: `  regctl ca create-server-cert --hostnames registry.example.com,10.0.0.5 \
    --cert registry.crt --key registry.key
  regctl ca create-server-cert --csr app.csr --cert app.crt`,
		Args: noArgs(func(args []string) string { return "--hostnames " + strings.Join(args, ",") }),
	}
	var w serverCert
	signerFlags(cmd, &w.signer)
	f := cmd.Flags()
	f.StringVar(&w.pair.Cert, "cert", "", "certificate `file`")
	f.StringVar(&w.pair.Key, "key", "", "key `file`")
	f.StringVar(&w.csr, "csr", "", "sign the request in this `file`, without a new key")
	f.StringSliceVar(&w.names, "hostnames", nil, "comma-separated host `names` and IP addresses")
	f.BoolVar(&w.overwrite, "overwrite", true, "replace existing files")
	f.Bool("compat-dns-ip", false, "also list IP addresses as DNS names, as oadm does")
	_ = f.MarkHidden("compat-dns-ip")
	fileFlags(cmd, "signer-cert", "signer-key", "signer-serial", "cert", "key", "csr")
	options := certFlags(cmd, env, certs.ServerDays)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, err := options()
		if err == nil {
			err = w.check(cmd)
		}
		if err != nil {
			return err
		}
		o.IPAsDNS, err = f.GetBool("compat-dns-ip")
		if err != nil {
			return err
		}
		return createServer(env, w, o)
	}
	return cmd
}

func (w serverCert) check(cmd *cobra.Command) error {
	if w.csr != "" && w.pair.Key != "" {
		return cmdutil.Usage(cmd, errors.New("--csr cannot be used with --key: the key stays with the creator of the request"))
	}
	if w.csr != "" {
		return needed(cmd, "cert", "signer-cert", "signer-key")
	}
	if err := needed(cmd, "cert", "key", "signer-cert", "signer-key"); err != nil {
		return err
	}
	_, err := certs.ParseNames(w.names)
	return err
}

func createServer(e *cmdutil.Env, w serverCert, o certs.Options) error {
	ca, err := certs.LoadCA(w.signer, e.Now())
	if err != nil {
		return hint.New(err, w.signerAdvice(err))
	}
	made, why, err := w.make(ca, o)
	if err != nil {
		return err
	}
	done := "made"
	switch {
	case !made:
		done = "kept"
	case why != "" && why != certs.NoneThere:
		done = "replaced (" + why + ")"
	}
	return sayPair(e, w.pair, done)
}

// make calls the one of four functions that the flags ask for.
func (w serverCert) make(ca *certs.CA, o certs.Options) (made bool, why string, err error) {
	if w.csr == "" {
		if w.overwrite {
			_, err = ca.CreateServer(w.pair, w.names, o)
			return true, "", err
		}
		if err := w.noLoneCert(); err != nil {
			return false, "", err
		}
		return ca.EnsureServer(w.pair, w.names, o)
	}
	req, err := certs.ReadRequest(w.csr)
	if err != nil {
		return false, "", err
	}
	if w.overwrite {
		_, err = ca.CreateFromRequest(req, w.pair.Cert, w.names, o)
		return true, "", err
	}
	return ca.EnsureFromRequest(req, w.pair.Cert, w.names, o)
}

// noLoneCert refuses a certificate without its key: of files that are not our own, --key
// may name the wrong one. With a key alone nothing is lost.
func (w serverCert) noLoneCert() error {
	if absent(w.pair.Cert) || !absent(w.pair.Key) {
		return nil
	}
	return hint.Errorf("correct --key, or leave out --overwrite=false to replace both", "%s: has no key %s", w.pair.Cert, w.pair.Key)
}

func absent(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// signerAdvice is for who has no signer yet, or has it elsewhere.
func (w serverCert) signerAdvice(err error) string {
	if strings.Contains(err.Error(), "CA not found") && w.signer.Cert == caDir+"ca.crt" {
		return "add --signer-cert, --signer-key and --signer-serial, or create a CA: regctl ca create-signer-cert"
	}
	return ""
}

// sayPair says what was done to a certificate, and what it is now.
func sayPair(e *cmdutil.Env, pair certs.PairFiles, done string) error {
	chain, err := certs.ReadChain(pair.Cert)
	if err != nil {
		return err
	}
	what := pair.Cert
	if pair.Key != "" {
		what += " and " + pair.Key
	}
	d := certs.Describe(chain[:1], e.Now())[0]
	e.Say("%s: %s; for %s, valid until %s, serial %s", what, done, strings.Join(d.Names, ", "), d.NotAfter.Format("2006-01-02"), d.Serial)
	return nil
}
