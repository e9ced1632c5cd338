package images

import (
	"encoding/hex"
	"fmt"
	"hash"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// verifier compares bytes with a descriptor.
type verifier struct {
	hash.Hash
	d v1.Descriptor
	n int64
}

func newVerifier(d v1.Descriptor) (*verifier, error) {
	h, err := v1.Hasher(d.Digest.Algorithm)
	if err != nil {
		return nil, fmt.Errorf("digest %s: %w", d.Digest, err)
	}
	return &verifier{Hash: h, d: d}, nil
}

func (v *verifier) Write(p []byte) (int, error) {
	v.n += int64(len(p))
	return v.Hash.Write(p)
}

// done says whether all the bytes were written and are the right ones.
func (v *verifier) done() error {
	if v.n != v.d.Size {
		return &DamageError{Digest: v.d.Digest, What: fmt.Sprintf("has %d bytes, should have %d", v.n, v.d.Size)}
	}
	if got := hex.EncodeToString(v.Sum(nil)); got != v.d.Digest.Hex {
		return &DamageError{Digest: v.d.Digest, What: "is corrupted: its content has the digest " + v.d.Digest.Algorithm + ":" + got}
	}
	return nil
}

// DamageError says that bytes are not those of their digest.
type DamageError struct {
	Digest v1.Hash
	What   string
}

func (e *DamageError) Error() string { return e.Digest.String() + " " + e.What }

// verifyBytes compares a whole manifest or configuration with its descriptor; a size of 0 is unknown.
func verifyBytes(b []byte, d v1.Descriptor) error {
	if d.Size == 0 {
		d.Size = int64(len(b))
	}
	v, err := newVerifier(d)
	if err != nil {
		return err
	}
	_, _ = v.Write(b)
	return v.done()
}
