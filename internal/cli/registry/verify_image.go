package registry

import (
	"archive/tar"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// layerBytes is the size of each layer that verify pushes.
const layerBytes = 64 << 10

// randomImage writes a new image with two random layers into an OCI
// layout, and returns a unique tag.
func randomImage(dir string, random io.Reader) (tag string, err error) {
	img := mutate.MediaType(empty.Image, types.OCIManifestSchema1)
	img = mutate.ConfigMediaType(img, types.OCIConfigJSON)
	for i := range 2 {
		layer, err := randomLayer(fmt.Sprintf("random-%d", i), random)
		if err != nil {
			return "", err
		}
		if img, err = mutate.Append(img, mutate.Addendum{Layer: layer, MediaType: types.OCILayer}); err != nil {
			return "", err
		}
	}
	p, err := layout.Write(dir, empty.Index)
	if err != nil {
		return "", err
	}
	if err := p.AppendImage(img); err != nil {
		return "", err
	}
	name := make([]byte, 8)
	_, err = io.ReadFull(random, name)
	return "try-" + hex.EncodeToString(name), err
}

func randomLayer(name string, random io.Reader) (v1.Layer, error) {
	content := make([]byte, layerBytes)
	if _, err := io.ReadFull(random, content); err != nil {
		return nil, err
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: layerBytes}); err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(archive.Bytes())), nil }
	return tarball.LayerFromOpener(open, tarball.WithMediaType(types.OCILayer))
}

// sameBlobs compares all blobs of two OCI layouts, and counts them.
func sameBlobs(made, pulled string) (int, error) {
	const blobs = "blobs/sha256"
	list, err := os.ReadDir(filepath.Join(made, blobs))
	if err != nil {
		return 0, err
	}
	for _, f := range list {
		want, err := os.ReadFile(filepath.Join(made, blobs, f.Name()))
		if err != nil {
			return 0, err
		}
		got, err := os.ReadFile(filepath.Join(pulled, blobs, f.Name()))
		if err != nil {
			return 0, fmt.Errorf("blob sha256:%s was pushed and is missing in the pulled image: %w", f.Name(), err)
		}
		if !bytes.Equal(want, got) {
			return 0, fmt.Errorf("blob sha256:%s: content of the pulled blob differs", f.Name())
		}
	}
	return len(list), nil
}
