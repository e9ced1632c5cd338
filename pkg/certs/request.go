package certs

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"

	"github.com/cloudflare/cfssl/helpers"
	"github.com/regctl/regctl/pkg/hint"
)

// Request is a certificate signing request (CSR) that its own key has signed.
type Request struct {
	Public crypto.PublicKey
	Names  []string // its DNS names and IP addresses; where it has none, its common name
}

// ParseRequest reads a CSR, PEM or DER, and checks its signature and that its key is strong enough.
func ParseRequest(text []byte) (*Request, error) {
	req, _, err := helpers.ParseCSR(text)
	if err != nil {
		return nil, errors.New("no certificate signing request with a valid signature found")
	}
	if bits := weakBits(req.PublicKey); bits > 0 {
		return nil, fmt.Errorf("its RSA key has only %d bits, at least 2048 are required", bits)
	}
	names := addresses(req.DNSNames, req.IPAddresses)
	if len(names) == 0 && req.Subject.CommonName != "" {
		names = []string{req.Subject.CommonName}
	}
	return &Request{Public: req.PublicKey, Names: names}, nil
}

// ReadRequest reads a CSR from a file.
func ReadRequest(path string) (*Request, error) {
	b, err := readFile(path)
	if err != nil {
		return nil, err
	}
	req, err := ParseRequest(b)
	if err != nil {
		return nil, hint.Errorf("openssl req -in "+path+" -noout -verify -text shows its contents", "%s: %w", path, err)
	}
	return req, nil
}

// CreateFromRequest signs a request for the names given, or its own where there
// are none, and replaces the file certPath (0644: the certificate and the signer's chain).
func (ca *CA) CreateFromRequest(req *Request, certPath string, names []string, o Options) (*x509.Certificate, error) {
	o = o.filled(ServerDays)
	list, err := ca.requested(req, certPath, names)
	if err != nil {
		return nil, err
	}
	return ca.issue(certPath, serverTemplate(req.Public, list, o), req.Public, o)
}

// EnsureFromRequest keeps a certificate as EnsureServer does, else signs the request.
func (ca *CA) EnsureFromRequest(req *Request, certPath string, names []string, o Options) (made bool, why string, err error) {
	o = o.filled(ServerDays)
	list, err := ca.requested(req, certPath, names)
	if err != nil {
		return false, "", err
	}
	chain, err := ReadChain(certPath)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		why = NoneThere
	case errors.Is(err, fs.ErrPermission):
		return false, "", err
	case err != nil:
		why = err.Error()
	default:
		if why = ca.unfit(chain[0], req.Public, list, o.Now()); why == "" {
			return false, "valid", nil
		}
	}
	_, err = ca.CreateFromRequest(req, certPath, names, o)
	return err == nil, why, err
}

func (ca *CA) requested(req *Request, certPath string, names []string) (Names, error) {
	if len(names) == 0 {
		names = req.Names
	}
	list, err := ParseNames(names)
	if err != nil {
		return list, err
	}
	return list, ca.apart(certPath)
}
