package images

import (
	"context"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
)

// source is where manifests and blobs are read from.
type source interface {
	// manifest returns the bytes of a manifest, which the caller compares with the digest.
	manifest(ctx context.Context, d v1.Descriptor) ([]byte, error)
	// has fails where a blob is missing or has another size, as far as that is known without reading it.
	has(d v1.Descriptor) error
	// open reads a blob from offset on. What comes is not yet compared with the digest.
	open(ctx context.Context, d v1.Descriptor, offset int64) (io.ReadCloser, error)
	// String names the place in errors.
	String() string
}

// Image is an image, or an index of images for several platforms, that can be
// read: in a registry, in a file or in a directory.
type Image struct {
	Root  v1.Descriptor // of its manifest or index
	Names []string      // as its source calls it
	from  source

	platform *v1.Platform // as index.json says; may be nil

	id   v1.Hash                  // of its configuration, in a docker-archive
	load func() (v1.Image, error) // in a docker-archive, until it is chosen
}

// ready takes an image of a docker-archive apart.
func (i *Image) ready() error {
	if i.load == nil {
		return nil
	}
	img, err := i.load()
	if err == nil {
		var d *v1.Descriptor
		if d, err = partial.Descriptor(img); err == nil {
			i.from, i.Root, i.load = &imageSource{img: img, name: i.from.String()}, *d, nil
			return nil
		}
	}
	return err
}

// Manifest returns the bytes of the image's manifest or index, unchanged.
func (i *Image) Manifest(ctx context.Context) ([]byte, error) {
	n, err := readNode(ctx, i.from, i.Root)
	if err != nil {
		return nil, err
	}
	return n.raw, nil
}

// blobBytes reads a small blob, a configuration, and compares it with its digest.
func blobBytes(ctx context.Context, from source, d v1.Descriptor) ([]byte, error) {
	if d.Size > manifestLimit {
		return nil, fmt.Errorf("%s: %s is %d bytes long; a config must not exceed %d", from, d.Digest, d.Size, manifestLimit)
	}
	rc, err := openVerified(ctx, from, d)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	return io.ReadAll(rc)
}

// openVerified opens a blob whose last Read fails if the bytes are not those of the digest.
func openVerified(ctx context.Context, from source, d v1.Descriptor) (io.ReadCloser, error) {
	check, err := newVerifier(d)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	rc, err := from.open(ctx, d, 0)
	if err != nil {
		return nil, err
	}
	return &verified{ReadCloser: rc, check: check, where: from.String()}, nil
}

// verified fails at the end of a stream whose bytes are not those promised, and before it grows too long.
type verified struct {
	io.ReadCloser
	check *verifier
	where string
}

func (v *verified) Read(p []byte) (int, error) {
	n, err := v.ReadCloser.Read(p)
	_, _ = v.check.Write(p[:n]) // never fails
	if v.check.n >= v.check.d.Size || err == io.EOF {
		if bad := v.check.done(); bad != nil {
			return n, fmt.Errorf("%s: blob %w", v.where, bad)
		}
	}
	return n, err
}
