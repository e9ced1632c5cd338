package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/regctl/regctl/pkg/hint"
)

// certsIn returns the certificates of a PEM file that tools would take; what is no certificate is passed over.
func certsIn(b []byte) []*x509.Certificate {
	var certs []*x509.Certificate
	for block, rest := pem.Decode(b); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		if c, err := x509.ParseCertificate(block.Bytes); err == nil {
			certs = append(certs, c)
		}
	}
	return certs
}

// ParseCA reads the file given as a CA: one or more PEM certificates. A private
// key in it, an expired certificate and what is no certificate are refused.
// Warnings say what works now but will not last.
func ParseCA(b []byte, now time.Time) (certs []*x509.Certificate, warnings []string, err error) {
	for block, rest := pem.Decode(b); block != nil; block, rest = pem.Decode(rest) {
		if strings.Contains(block.Type, "PRIVATE KEY") {
			return nil, nil, hint.New(errors.New("a private key is in it, and trust files are for everyone to read"),
				"give the file that holds the certificate alone")
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, nil, fmt.Errorf("certificate %d in it: %w", len(certs)+1, err)
		}
		warning, err := judge(c, now)
		if err != nil {
			return nil, nil, err
		}
		certs = append(certs, c)
		if warning != "" {
			warnings = append(warnings, warning)
		}
	}
	if len(certs) == 0 {
		return nil, nil, hint.New(errors.New("no certificate in it"), notPEM(b))
	}
	return certs, warnings, nil
}

func judge(c *x509.Certificate, now time.Time) (warning string, err error) {
	if now.After(c.NotAfter) {
		return "", hint.New(fmt.Errorf("%s expired on %s", subject(c), day(c.NotAfter)), "make the CA anew: regctl ca renew --help")
	}
	if now.Before(c.NotBefore) {
		return subject(c) + " is not valid before " + day(c.NotBefore) + ": is this machine's clock right?", nil
	}
	if !c.IsCA {
		return subject(c) + " is a server's certificate, not a CA: it works for this certificate only and breaks at renewal", nil
	}
	return "", nil
}

// notPEM says what to do with a file that holds no PEM certificate.
func notPEM(b []byte) string {
	if _, err := x509.ParseCertificate(b); err == nil {
		return "it is in DER form: openssl x509 -inform der -in FILE -out ca.crt"
	}
	if bytes.Contains(b, []byte("BEGIN CERTIFICATE REQUEST")) {
		return "it is a request to be signed: regctl ca create-server-cert --help"
	}
	return "give a PEM file, with the line -----BEGIN CERTIFICATE-----"
}

// EncodePEM writes certificates as a PEM file.
func EncodePEM(certs []*x509.Certificate) []byte {
	var b bytes.Buffer
	for _, c := range certs {
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}) // a Buffer takes everything
	}
	return b.Bytes()
}

func subject(c *x509.Certificate) string {
	if s := c.Subject.String(); s != "" {
		return s
	}
	return "certificate " + c.SerialNumber.Text(16)
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
