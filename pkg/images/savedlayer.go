package images

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	gcr "github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// savedLayer is one layer file. It is read as a stream, compressed or not, and
// must be what the image configuration says.
func savedLayer(ctx context.Context, t *tarball, file string, diffID v1.Hash) (v1.Layer, error) {
	open := func() (io.ReadCloser, error) {
		rc, err := t.open(path.Clean(file))
		if err != nil {
			return nil, err
		}
		return struct {
			io.Reader
			io.Closer
		}{canceled{ctx, rc}, rc}, nil
	}
	mediaType, err := layerType(open)
	if err != nil {
		return nil, err
	}
	l, err := gcr.LayerFromOpener(open, gcr.WithMediaType(mediaType))
	if err != nil {
		return nil, err
	}
	got, err := diffIDOf(l, diffID.Algorithm)
	if err != nil {
		return nil, err
	}
	if got != diffID {
		return nil, &DamageError{Digest: diffID, What: "is corrupted: its content has the digest " + got.String()}
	}
	return l, nil
}

func layerType(open gcr.Opener) (types.MediaType, error) {
	rc, err := open()
	if err != nil {
		return "", err
	}
	defer rc.Close()
	head := make([]byte, 6)
	n, err := io.ReadFull(rc, head)
	if err != nil && n == 0 && !errors.Is(err, io.EOF) {
		return "", err
	}
	switch tool := packedBy(head[:n]); tool {
	case "", "gzip":
		return types.DockerLayer, nil
	case "zstd":
		return types.OCILayerZStd, nil
	default:
		return "", fmt.Errorf("packed with %s, which is not supported", tool)
	}
}

// diffIDOf is the digest of a layer's content, before compression.
func diffIDOf(l v1.Layer, algorithm string) (v1.Hash, error) {
	if algorithm == "sha256" { // the library has computed it
		return l.DiffID()
	}
	h, err := v1.Hasher(algorithm)
	if err != nil {
		return v1.Hash{}, err
	}
	rc, err := l.Uncompressed()
	if err != nil {
		return v1.Hash{}, err
	}
	defer rc.Close()
	_, err = io.Copy(h, rc)
	return v1.Hash{Algorithm: algorithm, Hex: hex.EncodeToString(h.Sum(nil))}, err
}

func sha256Of(b []byte) v1.Hash {
	sum := sha256.Sum256(b)
	return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum[:])}
}
