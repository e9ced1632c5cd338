package certs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cloudflare/cfssl/csr"
	"github.com/cloudflare/cfssl/helpers"
	"github.com/regctl/regctl/pkg/hint"
)

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
	if list, err := Blocks(text); err == nil && len(list) > 0 {
		return "show its type: " + list[0].Type
	}
	return "a certificate file contains -----BEGIN CERTIFICATE-----"
}

// ParseKey reads the first private key of a PEM text: PKCS#8, PKCS#1 or EC.
func ParseKey(text []byte) (crypto.Signer, error) {
	list, err := Blocks(text)
	if err != nil {
		return nil, err
	}
	b := keyBlockOf(list)
	switch {
	case b == nil:
		return nil, errors.New("no private key found")
	case b.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(b.Headers["Proc-Type"], "ENCRYPTED"):
		return nil, errLocked
	}
	key, err := helpers.ParsePrivateKeyPEM(pem.EncodeToMemory(b))
	if err != nil {
		return nil, errors.New("malformed private key")
	}
	return key, nil
}

func keyBlockOf(list []*pem.Block) *pem.Block {
	i := slices.IndexFunc(list, func(b *pem.Block) bool { return strings.HasSuffix(b.Type, "PRIVATE KEY") })
	if i < 0 {
		return nil
	}
	return list[i]
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
		advice := "openssl pkey -noout -in " + path + " shows the reason"
		if errors.Is(err, errLocked) {
			advice = "openssl pkey -in " + path + " removes the passphrase"
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

// tooWeak refuses to make a certificate for a key that exists.
func tooWeak(path string, pub crypto.PublicKey) error {
	if bits := weakBits(pub); bits > 0 {
		return hint.Errorf("move the file to create a new key", "%s: RSA key has only %d bits, at least 2048 are required", path, bits)
	}
	return nil
}
