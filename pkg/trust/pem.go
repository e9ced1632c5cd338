package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/regctl/regctl/pkg/certs"
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

// ParseCA reads the file given as a CA: one or more certificates, all of which must be
// readable. A private key in it and an expired certificate are errors. Warnings name what
// works now but will stop working.
func ParseCA(b []byte, now time.Time) (chain []*x509.Certificate, warnings []string, err error) {
	if list, err := certs.Blocks(b); err == nil && slices.ContainsFunc(list, isKey) {
		return nil, nil, hint.New(errors.New("a private key is in it, and trust files are for everyone to read"),
			"give the file that holds the certificate alone")
	}
	chain, err = certs.ParseChain(b)
	if errors.Is(err, certs.ErrNoCertificate) {
		err = hint.New(err, notPEM(b))
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
	if bytes.Contains(b, []byte("BEGIN CERTIFICATE REQUEST")) {
		return "it is a request to be signed: regctl ca create-server-cert --help"
	}
	return "give a PEM file, with the line -----BEGIN CERTIFICATE-----"
}

func subject(c *x509.Certificate) string {
	if s := c.Subject.String(); s != "" {
		return s
	}
	return "certificate " + c.SerialNumber.Text(16)
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
