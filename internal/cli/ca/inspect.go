package ca

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// inspection is what ca inspect prints.
type inspection struct {
	File         string              `json:"file"`
	Certificates []certs.Description `json:"certificates"` // as in the file: usually leaf first
	KeyMatches   *bool               `json:"keyMatches,omitempty"`
	Warnings     []string            `json:"warnings"` // of all certificates, and of the key
}

func newCAInspect(env *cmdutil.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Show the contents of a certificate file",
		Long: `Show each certificate of a file: names, validity, issuer, key, usages, fingerprint, and
warnings about what clients reject. FILE is PEM or DER; - reads stdin.

Warnings do not change the exit status. A --key that does not match is a failure (1).`,
		Example: `  regctl ca inspect registry.crt
  regctl ca inspect registry.crt --key registry.key -o json`,
		Args: cobra.ExactArgs(1),
	}
	key := cmd.Flags().String("key", "", "verify that this `file` holds the first certificate's key")
	fileFlags(cmd, "key")
	output := cmdutil.OutputFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		r, err := inspect(env, args[0], *key)
		if err != nil {
			return err
		}
		if err := output.Print(env, r, r.table()); err != nil || r.KeyMatches == nil || *r.KeyMatches {
			return err
		}
		return hint.Errorf("regctl ca inspect "+hint.Quote(args[0])+" --key FILE, with the key of this certificate",
			"%s: not the key of the certificate in %s", *key, args[0])
	}
	return cmd
}

func inspect(e *cmdutil.Env, path, key string) (r inspection, err error) {
	chain, err := readChain(e, path)
	if err != nil {
		return r, err
	}
	r = inspection{File: path, Certificates: certs.Describe(chain, e.Now()), Warnings: []string{}}
	for i, d := range r.Certificates {
		for _, w := range d.Warnings {
			r.Warnings = append(r.Warnings, fmt.Sprintf("certificate %d %s", i+1, w))
		}
	}
	if key == "" {
		return r, nil
	}
	ok, err := certs.KeyMatches(chain[0], key)
	if r.KeyMatches = &ok; err == nil && !ok {
		r.Warnings = append(r.Warnings, key+" is not the key of certificate 1")
	}
	return r, err
}

func readChain(e *cmdutil.Env, path string) ([]*x509.Certificate, error) {
	if path != "-" {
		chain, err := certs.ReadChain(path)
		if info, is := os.Stat(path); is == nil && info.IsDir() {
			return nil, hint.Errorf("pass a file of the directory: ls "+hint.Quote(path), "%s: a directory, not a certificate file", path)
		}
		if host := aServer(path); host != "" && errors.Is(err, fs.ErrNotExist) {
			err = hint.New(err, "regctl trust verify "+host)
		}
		return chain, err
	}
	b, err := input(e, "")
	if err != nil {
		return nil, err
	}
	chain, err := certs.ParseChain(b)
	if err != nil {
		return nil, hint.Errorf("pipe a certificate file in, PEM or DER", "stdin: %w", err)
	}
	return chain, nil
}

// aServer is the host[:port] that somebody gave instead of a file, as HOST:PORT or as a
// URL; "" where it looks like neither.
func aServer(s string) string {
	if u, err := url.Parse(s); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
		return u.Host
	}
	if u, err := url.Parse("https://" + s); err == nil && u.Hostname() != "" && u.Port() != "" {
		return u.Host
	}
	return ""
}

func (r inspection) table() [][]string {
	var rows [][]string
	for i, d := range r.Certificates {
		if i > 0 {
			rows = append(rows, []string{""})
		}
		rows = append(rows, [][]string{
			{"certificate", fmt.Sprintf("%d of %d: %s", i+1, len(r.Certificates), role(d))},
			{"subject", cmp.Or(d.Subject, "none")},
			{"issuer", d.Issuer},
			{"names", cmp.Or(strings.Join(d.Names, ", "), "none")},
			{"valid", fmt.Sprintf("%s to %s, %s", d.NotBefore.Format("2006-01-02"), d.NotAfter.Format("2006-01-02"), left(d.DaysLeft))},
			{"key", d.Key},
			{"signature", d.Signature},
			{"usages", strings.Join(d.Usages, ", ")},
			{"serial", d.Serial},
			{"sha256", d.SHA256},
		}...)
		for _, w := range d.Warnings {
			rows = append(rows, []string{"warning", w})
		}
	}
	if r.KeyMatches != nil {
		word := map[bool]string{true: "matches certificate 1", false: "does NOT match certificate 1"}[*r.KeyMatches]
		rows = append(rows, []string{""}, []string{"key file", word})
	}
	return rows
}

func role(d certs.Description) string {
	switch {
	case d.CA && d.SelfSigned:
		return "root CA"
	case d.CA:
		return "intermediate CA"
	case d.SelfSigned:
		return "self-signed, no CA"
	}
	return "server or client certificate"
}

func left(days int) string {
	if days < 0 {
		return fmt.Sprintf("expired %d days ago", -days)
	}
	return fmt.Sprintf("%d days left", days)
}
