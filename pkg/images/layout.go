package images

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Annotations that name an image in a layout's index.json.
const (
	refName        = "org.opencontainers.image.ref.name"
	containerdName = "io.containerd.image.name"
)

// layout is an OCI image layout, in a directory or in a tar archive.
type layout struct{ files }

// blobName is where a layout keeps a blob. The digest has been parsed, so that the name is safe.
func blobName(h v1.Hash) string { return "blobs/" + h.Algorithm + "/" + h.Hex }

func (l layout) manifest(_ context.Context, d v1.Descriptor) ([]byte, error) {
	b, err := readSmall(l.files, blobName(d.Digest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, l.lacks("manifest", d)
	}
	return b, err
}

func (l layout) has(d v1.Descriptor) error {
	size, err := l.size(blobName(d.Digest))
	if errors.Is(err, fs.ErrNotExist) {
		return l.lacks("blob", d)
	}
	if err == nil && size != d.Size {
		err = fmt.Errorf("%s: blob %w", l, &DamageError{d.Digest, fmt.Sprintf("has %d bytes, should have %d", size, d.Size)})
	}
	return err
}

func (l layout) lacks(what string, d v1.Descriptor) error {
	return fmt.Errorf("%s: %s %s is missing", l, what, d.Digest)
}

func (l layout) open(_ context.Context, d v1.Descriptor, offset int64) (io.ReadCloser, error) {
	rc, err := l.files.open(blobName(d.Digest))
	if err != nil {
		return nil, err
	}
	if _, err := rc.Seek(offset, io.SeekStart); err != nil {
		rc.Close()
		return nil, err
	}
	return rc, nil
}

// images lists what index.json names.
func (l layout) images() ([]*Image, error) {
	raw, err := readSmall(l.files, "index.json")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l, err)
	}
	var idx v1.IndexManifest
	if err := json.Unmarshal(raw, &idx); err != nil {
		return nil, fmt.Errorf("%s: index.json: %w", l, err)
	}
	if count := len(idx.Manifests); count > nodeLimit {
		return nil, fmt.Errorf("%s: index.json: %w", l, tooMany(count, "images"))
	}
	if err := checkDescriptors(idx.Manifests); err != nil {
		return nil, fmt.Errorf("%s: index.json: %w", l, err)
	}
	var list []*Image
	for _, d := range idx.Manifests {
		list = append(list, &Image{Root: plainDescriptor(d), Names: layoutNames(d), from: l, platform: d.Platform})
	}
	return list, nil
}

func layoutNames(d v1.Descriptor) (names []string) {
	for _, key := range []string{containerdName, refName} {
		if n := d.Annotations[key]; n != "" {
			names = append(names, n)
		}
	}
	return names
}

// plainDescriptor is a descriptor without what only index.json says of it.
func plainDescriptor(d v1.Descriptor) v1.Descriptor {
	return v1.Descriptor{MediaType: d.MediaType, Size: d.Size, Digest: d.Digest, ArtifactType: d.ArtifactType}
}
