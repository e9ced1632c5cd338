package certs

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/regctl/regctl/pkg/hint"
)

// Types of the PEM blocks that "oadm ca encrypt" writes and OpenShift's master reads.
const (
	encryptedBlock = "ENCRYPTED STRING"
	keyBlock       = "ENCRYPTING KEY"
)

// StringFiles are the paths of an encrypted string. Exactly one of Key (read) and
// NewKey (made, 0600) is set; Out may be empty.
type StringFiles struct{ Out, Key, NewKey string }

// Encrypt returns data as an ENCRYPTED STRING block (AES-256-CBC in the manner of
// RFC 1423, with a DEK-Info header), and writes it to Out (0644) where that is set.
func Encrypt(data []byte, files StringFiles, o Options) ([]byte, error) {
	o = o.filled(0)
	var write []file
	if err := distinct([]string{files.Out, files.NewKey}, files.Key); err != nil {
		return nil, err
	}
	key, err := ReadStringKey(files.Key)
	if files.NewKey != "" {
		var f file
		key, f, err = newStringKey(files.NewKey, o.Rand)
		write = append(write, f)
	}
	if err != nil {
		return nil, err
	}
	//nolint:staticcheck // weak against tampering, but the format that OpenShift's master reads
	block, err := x509.EncryptPEMBlock(o.Rand, encryptedBlock, data, key, x509.PEMCipherAES256)
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(block)
	if files.Out != "" {
		write = append(write, file{files.Out, text, publicMode})
	}
	return text, commit(write...)
}

// newStringKey never replaces a key: what it has encrypted could not be read any more.
func newStringKey(path string, rnd io.Reader) ([]byte, file, error) {
	found, err := there(path)
	if err != nil {
		return nil, file{}, err
	}
	if len(found) > 0 {
		return nil, file{}, hint.Errorf("--key "+path+" uses the existing key", "%s: already exists; overwriting it would lose the data encrypted with it", path)
	}
	key := make([]byte, 32)
	if _, err := io.ReadFull(rnd, key); err != nil {
		return nil, file{}, err
	}
	return key, file{path, pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: key}), privateMode}, nil
}

// Decrypt returns what is in the first ENCRYPTED STRING block of a text, and
// writes it to Out (0600) where that is set.
func Decrypt(text []byte, files StringFiles) ([]byte, error) {
	if err := distinct([]string{files.Out}, files.Key); err != nil {
		return nil, err
	}
	key, err := ReadStringKey(files.Key)
	if err != nil {
		return nil, err
	}
	data, err := DecryptString(text, key)
	if err != nil || files.Out == "" {
		return data, err
	}
	return data, commit(file{files.Out, data, privateMode})
}

// DecryptString is Decrypt with the key's bytes, without any file.
func DecryptString(text, key []byte) ([]byte, error) {
	block := find(text, encryptedBlock)
	if block == nil {
		return nil, hint.Errorf("the input must be the output of: regctl ca encrypt", "no %s block in the input", encryptedBlock)
	}
	//nolint:staticcheck // see Encrypt
	data, err := x509.DecryptPEMBlock(block, key)
	if errors.Is(err, x509.IncorrectPasswordError) {
		return nil, hint.Errorf("specify the key that encrypted it", "the key does not match the %s", encryptedBlock)
	}
	if err != nil {
		return nil, fmt.Errorf("the %s is corrupted: %w", encryptedBlock, err)
	}
	return data, nil
}

// ReadStringKey reads the ENCRYPTING KEY block of a file; "" reads nothing.
func ReadStringKey(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	b, err := readFile(path)
	if err != nil {
		return nil, err
	}
	block := find(b, keyBlock)
	if block == nil || len(block.Bytes) == 0 {
		return nil, hint.Errorf("to create one: regctl ca encrypt --genkey FILE", "%s: no %s found", path, keyBlock)
	}
	return block.Bytes, nil
}

// find returns the first PEM block of a type; nil where there is none that can be read.
func find(text []byte, kind string) *pem.Block {
	list, err := Blocks(text)
	i := slices.IndexFunc(list, func(b *pem.Block) bool { return b.Type == kind })
	if err != nil || i < 0 {
		return nil
	}
	return list[i]
}
