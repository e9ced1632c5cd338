package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/regctl/regctl/pkg/certs"
)

// certsIn returns the certificates that tools read from a PEM file: they skip the others silently.
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

// ParseCA reads the file given as a CA: one or more certificates, all of which must be
// readable. A private key in it and an expired certificate are errors. Warnings name what
// works now but will stop working.
func ParseCA(b []byte, now time.Time) (chain []*x509.Certificate, warnings []string, err error) {
	if list, err := certs.Blocks(b); err == nil && slices.ContainsFunc(list, isKey) {
		return nil, nil, ErrHasKey
	}
	chain, err = certs.ParseChain(b)
	if errors.Is(err, certs.ErrNoCertificate) && bytes.Contains(b, []byte("BEGIN CERTIFICATE REQUEST")) {
		err = ErrRequest
	}
	for _, c := range chain {
		warning, err := judge(c, now)
		if err != nil {
			return nil, nil, err
		}
		if warning != "" {
			warnings = append(warnings, warning)
		}
	}
	return chain, warnings, err
}

func isKey(b *pem.Block) bool { return strings.Contains(b.Type, "PRIVATE KEY") }

func judge(c *x509.Certificate, now time.Time) (warning string, err error) {
	if now.After(c.NotAfter) {
		return "", &ExpiredError{c}
	}
	if now.Before(c.NotBefore) {
		return subject(c) + " is not valid before " + day(c.NotBefore) + ": is this machine's clock right?", nil
	}
	if !c.IsCA {
		return subject(c) + " is a server's certificate, not a CA: it works for this certificate only and breaks at renewal", nil
	}
	return "", nil
}

func subject(c *x509.Certificate) string {
	if s := c.Subject.String(); s != "" {
		return s
	}
	return "certificate " + c.SerialNumber.Text(16)
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
