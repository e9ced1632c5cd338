package certs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/cloudflare/cfssl/csr"
	"github.com/cloudflare/cfssl/helpers"
	"github.com/regctl/regctl/pkg/hint"
)

// ParseChain reads the certificates of a PEM text in their order; keys and text
// between them are passed over. DER is read too. At least one certificate has to be there.
func ParseChain(text []byte) ([]*x509.Certificate, error) {
	if chain, err := x509.ParseCertificates(text); err == nil && len(chain) > 0 {
		return chain, nil
	}
	var chain []*x509.Certificate
	for {
		var b *pem.Block
		if b, text = pem.Decode(text); b == nil {
			break
		}
		if b.Type != "CERTIFICATE" && b.Type != "X509 CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d in it cannot be read: %w", len(chain)+1, err)
		}
		chain = append(chain, cert)
	}
	if len(chain) == 0 {
		return nil, errors.New("no certificate in it")
	}
	return chain, nil
}

// ReadChain reads the certificates of a file.
func ReadChain(path string) ([]*x509.Certificate, error) {
	b, err := readFile(path)
	if err != nil {
		return nil, err
	}
	chain, err := ParseChain(b)
	if err != nil {
		return nil, hint.Errorf(whatIsIt(b), "%s: %w", path, err)
	}
	return chain, nil
}

// whatIsIt helps with the usual mix-ups of files.
func whatIsIt(text []byte) string {
	if b, _ := pem.Decode(text); b != nil {
		return "what is in it: " + b.Type
	}
	return "a certificate file has -----BEGIN CERTIFICATE----- in it"
}

// ParseKey reads the first private key of a PEM text: PKCS#8, PKCS#1 or EC.
func ParseKey(text []byte) (crypto.Signer, error) {
	for {
		var b *pem.Block
		if b, text = pem.Decode(text); b == nil {
			return nil, errors.New("no private key in it")
		}
		if !strings.HasSuffix(b.Type, "PRIVATE KEY") {
			continue
		}
		if b.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(b.Headers["Proc-Type"], "ENCRYPTED") {
			return nil, errLocked
		}
		key, err := helpers.ParsePrivateKeyPEM(pem.EncodeToMemory(b))
		if err != nil {
			return nil, errors.New("the private key in it cannot be read")
		}
		return key, nil
	}
}

var errLocked = errors.New("the key is encrypted with a passphrase")

// ReadKey reads the private key of a file.
func ReadKey(path string) (crypto.Signer, error) {
	b, err := readFile(path)
	if err != nil {
		return nil, err
	}
	key, err := ParseKey(b)
	if err != nil {
		advice := "openssl pkey -noout -in " + path + " may say more"
		if errors.Is(err, errLocked) {
			advice = "openssl pkey -in " + path + " writes it without"
		}
		return nil, hint.Errorf(advice, "%s: %w", path, err)
	}
	return key, nil
}

// newKey makes a key and the text of its file.
func newKey(kind KeyType) (crypto.Signer, []byte, error) {
	req := csr.KeyRequest{A: "ecdsa", S: 256}
	switch kind {
	case RSA:
		req = csr.KeyRequest{A: "rsa", S: 2048}
	case ECDSA:
	default:
		return nil, nil, hint.BadUsage(fmt.Errorf("key type %q: must be ecdsa or rsa", kind), "--key-type ecdsa")
	}
	key, err := req.Generate()
	if err != nil {
		return nil, nil, err
	}
	text, err := encodeKey(key)
	return key.(crypto.Signer), text, err
}

func encodeKey(key crypto.PrivateKey) ([]byte, error) {
	b := &pem.Block{}
	var err error
	switch k := key.(type) {
	case *rsa.PrivateKey:
		b.Type, b.Bytes = "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k)
	case *ecdsa.PrivateKey:
		b.Type = "EC PRIVATE KEY"
		b.Bytes, err = x509.MarshalECPrivateKey(k)
	default:
		b.Type = "PRIVATE KEY"
		b.Bytes, err = x509.MarshalPKCS8PrivateKey(k)
	}
	return pem.EncodeToMemory(b), err
}

// matches tells whether a certificate is that of a public key.
func matches(cert *x509.Certificate, pub crypto.PublicKey) bool {
	k, ok := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(pub)
}

// weakBits is the size of an RSA key that is too short for clients to accept; else 0.
func weakBits(pub crypto.PublicKey) int {
	if k, ok := pub.(*rsa.PublicKey); ok && k.N.BitLen() < 2048 {
		return k.N.BitLen()
	}
	return 0
}

// tooWeak refuses to make a certificate for a key that is there.
func tooWeak(path string, pub crypto.PublicKey) error {
	if bits := weakBits(pub); bits > 0 {
		return hint.Errorf("move it away, and a new one is made", "%s: the RSA key has only %d bits, at least 2048 are needed", path, bits)
	}
	return nil
}
