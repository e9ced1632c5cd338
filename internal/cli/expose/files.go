package expose

import (
	"fmt"

	"github.com/regctl/regctl/internal/secrets"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
)

// readFiles reads the certificates, and sees that they are some.
func (x *exposeFlags) readFiles() (err error) {
	if x.cert != "" {
		if x.Certificate, x.Key, err = pairOf(x.cert, x.key); err != nil {
			return err
		}
	}
	if x.Chain, err = readCertificates(x.chain); err != nil {
		return err
	}
	x.BackendCA, err = readCertificates(x.ca)
	return err
}

// readCertificates reads a file of certificates; none where no file is named.
func readCertificates(name string) ([]byte, error) {
	if name == "" {
		return nil, nil
	}
	text, err := secrets.ReadFile(name)
	if err != nil {
		return nil, err
	}
	chain, err := certs.ParseChain(text)
	if err != nil {
		return nil, hint.BadUsage(fmt.Errorf("%s: %w", name, err), "pass the PEM file of the CA certificate")
	}
	return certs.EncodeChain(chain), nil
}

// pairOf reads a certificate and its key, which must match.
func pairOf(cert, key string) (certPEM, keyPEM []byte, err error) {
	if certPEM, err = secrets.ReadFile(cert); err != nil {
		return nil, nil, err
	}
	if keyPEM, err = secrets.ReadFile(key); err != nil {
		return nil, nil, err
	}
	if _, err := secrets.Check(secrets.TLS, secrets.Data{"tls.crt": certPEM, "tls.key": keyPEM}); err != nil {
		return nil, nil, hint.New(fmt.Errorf("%s, %s: %w", cert, key, err), hint.Of(err))
	}
	return certPEM, keyPEM, nil
}
