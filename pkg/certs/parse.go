package certs

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"

	"github.com/cloudflare/cfssl/helpers"
)

// ErrNoCertificate is the cause where a text has no certificate.
var ErrNoCertificate = errors.New("no certificate found")

// ParseChain reads all certificates of a text, PEM or DER, in their order: plain ones,
// OpenSSL's TRUSTED CERTIFICATE and PKCS #7. Keys and text between them are ignored. There
// must be at least one, and each must be readable: a bundle is never shortened silently.
func ParseChain(text []byte) ([]*x509.Certificate, error) {
	if chain := parseDER(text); len(chain) > 0 {
		return chain, nil
	}
	list, err := blocks(text)
	if err != nil {
		return nil, err
	}
	var chain []*x509.Certificate
	for _, b := range list {
		found, err := b.certificates()
		if err != nil {
			return nil, fmt.Errorf("certificate %d (line %d): %w", len(chain)+1, b.line, err)
		}
		chain = append(chain, found...)
	}
	if len(chain) == 0 {
		return nil, ErrNoCertificate
	}
	return chain, nil
}

func parseDER(text []byte) []*x509.Certificate {
	if chain, err := x509.ParseCertificates(text); err == nil {
		return chain
	}
	chain, err := parsePKCS7(text)
	if err != nil {
		return nil
	}
	return chain
}

func (b block) certificates() ([]*x509.Certificate, error) {
	der := b.Bytes
	switch b.Type {
	case "PKCS7", "CMS":
		return parsePKCS7(der)
	case "TRUSTED CERTIFICATE":
		var err error
		if der, err = trustedDER(der); err != nil {
			return nil, err
		}
	case "CERTIFICATE", "X509 CERTIFICATE":
	default:
		return nil, nil
	}
	cert, err := x509.ParseCertificate(der)
	return []*x509.Certificate{cert}, err
}

func parsePKCS7(der []byte) ([]*x509.Certificate, error) {
	list, _, err := helpers.ParseOneCertificateFromPEM(pem.EncodeToMemory(&pem.Block{Type: "PKCS7", Bytes: der}))
	return list, err
}

// certAux is OpenSSL's X509_CERT_AUX.
type certAux struct {
	Trust  []asn1.ObjectIdentifier    `asn1:"optional"`
	Reject []asn1.ObjectIdentifier    `asn1:"optional,tag:0"`
	Alias  string                     `asn1:"optional,utf8"`
	KeyID  []byte                     `asn1:"optional"`
	Other  []pkix.AlgorithmIdentifier `asn1:"optional,tag:1"`
}

var (
	serverAuth = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 1}
	anyUsage   = asn1.ObjectIdentifier{2, 5, 29, 37, 0}
)

// trustedDER is the certificate of OpenSSL's TRUSTED CERTIFICATE, which continues with what
// it may be used for. One that is not trusted for servers is an error.
func trustedDER(der []byte) ([]byte, error) {
	var cert asn1.RawValue
	rest, err := asn1.Unmarshal(der, &cert)
	if err != nil || len(rest) == 0 {
		return der, nil //nolint:nilerr // x509 says what is wrong with it
	}
	var aux certAux
	if _, err := asn1.Unmarshal(rest, &aux); err != nil {
		return nil, fmt.Errorf("malformed trust settings: %w", err)
	}
	has := func(list []asn1.ObjectIdentifier) bool {
		return slices.ContainsFunc(list, func(id asn1.ObjectIdentifier) bool { return id.Equal(serverAuth) || id.Equal(anyUsage) })
	}
	if has(aux.Reject) || len(aux.Trust) > 0 && !has(aux.Trust) {
		return nil, errors.New("its trust settings do not include servers")
	}
	return cert.FullBytes, nil
}

// AddTo adds all certificates of a PEM or DER text to a pool.
func AddTo(pool *x509.CertPool, text []byte) error {
	chain, err := ParseChain(text)
	for _, c := range chain {
		pool.AddCert(c)
	}
	return err
}

// KeyPair reads a certificate with its chain, and its key, as tls.X509KeyPair does, but no
// certificate of the chain is lost. Both may be in one file.
func KeyPair(cert, key []byte) (tls.Certificate, error) {
	cert, key, err := CleanKeyPair(cert, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(cert, key)
}

// CleanKeyPair returns the certificate with its chain, and the key, as PEM that every
// program reads in full.
func CleanKeyPair(cert, key []byte) (certPEM, keyPEM []byte, err error) {
	chain, err := ParseChain(cert)
	if err != nil {
		return nil, nil, err
	}
	list, err := Blocks(key)
	if err != nil {
		return nil, nil, err
	}
	b := keyBlockOf(list)
	if b == nil {
		return nil, nil, errors.New("no private key found")
	}
	certPEM, keyPEM = EncodeChain(chain), pem.EncodeToMemory(b)
	_, err = tls.X509KeyPair(certPEM, keyPEM)
	return certPEM, keyPEM, err
}

// EncodeChain writes certificates as a PEM text.
func EncodeChain(chain []*x509.Certificate) []byte { return helpers.EncodeCertificatesPEM(chain) }
