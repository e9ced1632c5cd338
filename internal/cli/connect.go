package cli

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"

	"github.com/google/go-containerregistry/pkg/authn"
)

// transport is how every command connects to a registry: over TLS that believes
// the system's roots, what the trust directories hold for the host ("host" or
// "host:port", as in an image reference), and caFile where one is given.
func (e *Env) transport(host, caFile string, insecure bool) (*http.Transport, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, err
	}
	if caFile != "" {
		b, err := os.ReadFile(caFile)
		if err != nil {
			return nil, err
		}
		if !pool.AppendCertsFromPEM(b) {
			return nil, fmt.Errorf("%s: no certificate in it", caFile)
		}
	}
	t.TLSClientConfig = &tls.Config{RootCAs: pool, InsecureSkipVerify: insecure, MinVersion: tls.VersionTLS12}
	return t, nil
}

// keychain finds the credentials of a registry where docker and podman keep theirs.
func (e *Env) keychain() authn.Keychain { return authn.DefaultKeychain }
