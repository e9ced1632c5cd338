package certs

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/cloudflare/cfssl/helpers"
	"github.com/regctl/regctl/pkg/hint"
)

// CA is a certificate authority that can sign.
type CA struct {
	Chain []*x509.Certificate // its own first, then those above it
	files CAFiles
	key   crypto.Signer
}

// Cert is the CA's own certificate.
func (ca *CA) Cert() *x509.Certificate { return ca.Chain[0] }

// WeakBits is the size of the CA's RSA key where it is too short for clients to accept; else 0.
func (ca *CA) WeakBits() int { return weakBits(ca.key.Public()) }

// PEM is the CA's certificate and those above it.
func (ca *CA) PEM() []byte { return helpers.EncodeCertificatesPEM(ca.Chain) }

// LoadCA reads a CA and refuses one that cannot sign at the time now: a key that
// is not its certificate's, no CA certificate, expired, a serial file that is missing or wrong.
func LoadCA(files CAFiles, now time.Time) (*CA, error) {
	found, err := there(files.Cert, files.Key)
	if err != nil {
		return nil, hint.New(err, "sudo, or as the user who owns it")
	}
	if len(found) == 0 {
		return nil, hint.Errorf(files.create(), "%s: CA not found", files.Cert)
	}
	chain, err := ReadChain(files.Cert)
	if err != nil {
		return nil, hint.New(err, files.half(err))
	}
	key, err := ReadKey(files.Key)
	if err != nil {
		return nil, hint.New(err, files.half(err))
	}
	if !matches(chain[0], key.Public()) && files.recovered(chain[0]) {
		if key, err = ReadKey(files.Key); err != nil {
			return nil, err
		}
	}
	ca := &CA{Chain: chain, files: files, key: key}
	if err := ca.check(now); err != nil {
		return nil, err
	}
	if files.Serial != "" {
		_, err = readSerial(files.Serial)
	}
	return ca, err
}

func (ca *CA) check(now time.Time) error {
	cert, path := ca.Cert(), ca.files.Cert
	switch {
	case !matches(cert, ca.key.Public()):
		return hint.Errorf("regctl ca inspect "+path+" --key "+ca.files.Key+"; if its key is lost, create a new CA, which clients must trust: "+ca.files.create()+" --overwrite", "%s: does not match the certificate in %s", ca.files.Key, path)
	case !cert.IsCA || !cert.BasicConstraintsValid:
		return hint.Errorf("specify the signer's certificate; to show this one: regctl ca inspect "+path, "%s: not a CA certificate, so it cannot sign", path)
	case cert.KeyUsage != 0 && cert.KeyUsage&x509.KeyUsageCertSign == 0:
		return hint.Errorf("regctl ca inspect "+path, "%s: its key usage does not allow it to sign certificates", path)
	case now.After(cert.NotAfter):
		return hint.Errorf("create a new CA, which clients must trust: "+ca.files.create()+" --overwrite", "%s: the signer expired on %s", path, day(cert.NotAfter))
	case now.Before(cert.NotBefore):
		return hint.Errorf("check this machine's clock: date", "%s: the signer is not valid before %s", path, day(cert.NotBefore))
	}
	return nil
}

func (f CAFiles) create() string {
	return fmt.Sprintf("regctl ca create-signer-cert --cert %s --key %s --serial=%s", f.Cert, f.Key, f.Serial)
}

// half is advice where only one of a CA's files exists. It names no command that
// makes a CA: that would replace the file that is left.
func (f CAFiles) half(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "correct the path, or restore the missing file; if it is lost, move the other file and create a new CA"
	}
	return ""
}
