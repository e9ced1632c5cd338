package certs

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"github.com/regctl/regctl/pkg/hint"
)

// KeyPairFiles are the paths of a bare public and private key.
type KeyPairFiles struct{ Public, Private string }

// CreateKeyPair makes a key pair: PKIX PUBLIC KEY and the private key, both 0600.
// Where both files are there already and overwrite is not set, they stay (made is
// false). One of them alone is then an error.
func CreateKeyPair(files KeyPairFiles, overwrite bool, kind KeyType) (made bool, err error) {
	if err := distinct([]string{files.Public, files.Private}); err != nil {
		return false, err
	}
	found, err := there(files.Public, files.Private)
	switch {
	case err != nil:
		return false, err
	case len(found) == 1 && !overwrite:
		return false, hint.Errorf("restore the other file, or add --overwrite", "%s: the other file of the pair is missing (%s, %s)", found[0], files.Public, files.Private)
	case len(found) == 2 && !overwrite:
		return false, nil
	}
	key, text, err := newKey(kind)
	if err != nil {
		return false, err
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return false, fmt.Errorf("public key: %w", err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	err = commit(file{files.Private, text, privateMode}, file{files.Public, public, privateMode})
	return err == nil, err
}
