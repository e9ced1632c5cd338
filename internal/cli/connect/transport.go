// Package connect reaches registries from this machine: certificates, credentials, trust files and clients for images.
package connect

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/host"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/trust"
)

// Transport connects every command to a registry over TLS. It trusts
// the system's roots, the CAs in the certs.d directories of the host ("host" or
// "host:port", as in an image reference), and caFile where one is given.
func Transport(e *cmdutil.Env, host, caFile string, insecure bool) (*http.Transport, error) {
	conf := &tls.Config{InsecureSkipVerify: insecure, MinVersion: tls.VersionTLS12}
	var err error
	if conf.RootCAs, err = x509.SystemCertPool(); err != nil {
		return nil, err
	}
	if err := trustDirectories(e, conf, host); err != nil {
		return nil, err
	}
	if caFile != "" {
		if err := TrustFile(conf.RootCAs, caFile); err != nil {
			return nil, err
		}
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = conf
	return t, nil
}

// trustDirectories adds the CAs in the certs.d directories of docker and podman.
func trustDirectories(e *cmdutil.Env, conf *tls.Config, name string) error {
	if !trust.IsHost(name) { // no directory can have that name; connecting reports the error
		return nil
	}
	place := TrustPlace(e, "", false)
	for _, dir := range place.CertFolders(name) {
		folder, err := place.ReadFolder(dir)
		if err != nil {
			return err
		}
		if folder == nil {
			continue
		}
		if folder.Err != nil {
			return folder.Err
		}
		for _, ca := range folder.All {
			conf.RootCAs.AddCert(ca.Cert)
		}
		conf.Certificates = append(conf.Certificates, folder.Pairs...)
	}
	return nil
}

// TrustFile adds the certificates of a PEM file to a pool.
func TrustFile(pool *x509.CertPool, file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return hint.New(cmdutil.FileError(file, err), "pass the PEM file of the CA that signed the registry's certificate")
	}
	if err := certs.AddTo(pool, b); err != nil {
		return hint.Errorf("pass a PEM file, with the line -----BEGIN CERTIFICATE-----", "%s: %w", file, err)
	}
	return nil
}

// TrustPlace locates the trust files of a host whose file tree is at root.
func TrustPlace(e *cmdutil.Env, root host.Root, user bool) trust.Place {
	return trust.Place{FS: root.FS(), Prefix: root.Prefix(), User: user, Home: e.Home(), ConfigHome: e.ConfigHome(), AsRoot: AsRoot(e)}
}

// AsRoot is this command line with sudo, for the machine's files.
func AsRoot(e *cmdutil.Env) string {
	args := slices.DeleteFunc(slices.Clone(e.Args), func(arg string) bool { return arg == "--user" || arg == "--user=true" })
	return "sudo regctl " + hint.Quote(args...)
}

// TlsError is the message of a failed TLS handshake, with the registry's name first.
type TlsError struct {
	host, Reason string
	err          error
}

func (e *TlsError) Error() string { return e.host + ": " + e.Reason }
func (e *TlsError) Unwrap() error { return e.err }

// ExplainTLS adds to a certificate error the command that fixes it.
// It returns other errors unchanged.
func ExplainTLS(host string, err error) error {
	if err == nil {
		return nil
	}
	reason, advice := tlsReason(host, err)
	if reason == "" {
		return err
	}
	return hint.New(&TlsError{host, reason, err}, advice)
}

func tlsReason(host string, err error) (reason, advice string) {
	verify := "regctl trust verify " + host
	if e, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "x509: certificate signed by unknown authority" + issuer(e.Cert), "regctl trust add " + host + " --from-server"
	}
	if e, ok := errors.AsType[x509.HostnameError](err); ok {
		return e.Error(), verify
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		return e.Error(), verify
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return "the server does not use TLS: it serves plain HTTP, or is another service", verify
	}
	return "", ""
}

func issuer(c *x509.Certificate) string {
	if c == nil || c.Issuer.String() == "" {
		return ""
	}
	return fmt.Sprintf(" (%s)", c.Issuer)
}
