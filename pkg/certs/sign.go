package certs

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/cloudflare/cfssl/helpers"
	"github.com/regctl/regctl/pkg/hint"
)

// keyUsage is what a key of a server does in TLS: only RSA keys encipher.
func keyUsage(pub crypto.PublicKey) x509.KeyUsage {
	if _, ok := pub.(*rsa.PublicKey); ok {
		return x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment
	}
	return x509.KeyUsageDigitalSignature
}

// issue signs a server certificate for pub after a template that has no serial
// number and no validity yet, and writes it, with the signer's chain, together
// with the files of extra, under the lock of the serial file.
func (ca *CA) issue(certPath string, template *x509.Certificate, pub crypto.PublicKey, o Options, extra ...file) (cert *x509.Certificate, err error) {
	if template.NotBefore, template.NotAfter, err = o.validity(ServerDays); err != nil {
		return nil, err
	}
	if bits := ca.WeakBits(); bits > 0 {
		o.Warn("%s: the signer's RSA key has only %d bits: clients may reject its certificates; create a signer with at least 2048 bits", ca.files.Cert, bits)
	}
	if template.NotAfter.After(ca.Cert().NotAfter) {
		o.Warn("the certificate outlives its signer, which expires on %s", day(ca.Cert().NotAfter))
	}
	err = withSerial(ca.files.Serial, o.Rand, func(serial *big.Int, update []file) error {
		template.SerialNumber = serial
		var err error
		if cert, err = ca.sign(template, pub, o.Now()); err != nil {
			return err
		}
		text := helpers.EncodeCertificatesPEM(append([]*x509.Certificate{cert}, ca.Chain...))
		return commit(inOrder(update, extra, file{certPath, text, publicMode})...)
	})
	return cert, err
}

// inOrder is the order in which a pair is written. Whoever is killed on the way loses
// a serial number, or leaves a key that the next EnsureServer certifies or replaces.
func inOrder(serial, key []file, cert file) []file {
	return append(slices.Concat(serial, key), cert)
}

func serverTemplate(pub crypto.PublicKey, names Names, o Options) *x509.Certificate {
	dns := slices.Clone(names.DNS)
	if o.IPAsDNS {
		for _, ip := range names.IP {
			dns = append(dns, ip.String())
		}
	}
	return &x509.Certificate{
		Subject: pkix.Name{CommonName: names.common()}, DNSNames: dns, IPAddresses: names.IP,
		KeyUsage: keyUsage(pub), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, SubjectKeyId: keyID(pub),
	}
}

// keyID is RFC 7093's: the first 20 octets of the SHA-256 of the public key.
func keyID(pub crypto.PublicKey) []byte {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil // CreateCertificate refuses such a key with a reason
	}
	sum := sha256.Sum256(der)
	return sum[:20]
}

// sign also verifies what it made, for a signer can be limited to other names or purposes.
func (ca *CA) sign(template *x509.Certificate, pub crypto.PublicKey, now time.Time) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, ca.Cert(), pub, ca.key)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot sign: %w", ca.files.Cert, err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca.Cert())
	_, err = cert.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	if err != nil {
		return nil, hint.Errorf("to show the signer's name constraints: regctl ca inspect "+ca.files.Cert, "%s: clients would reject its certificates: %w", ca.files.Cert, err)
	}
	return cert, nil
}
