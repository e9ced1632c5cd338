package images

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/renameio/v2"
)

const layoutMark = `{"imageLayoutVersion":"1.0.0"}`

// prepareLayout creates an OCI layout directory, or uses an existing one.
func prepareLayout(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	mark := filepath.Join(dir, "oci-layout") // first: a run that breaks here is to be known for ours
	_, err := os.Stat(mark)
	if errors.Is(err, fs.ErrNotExist) {
		err = writeWhole(mark, []byte(layoutMark))
	}
	if err != nil {
		return err
	}
	return os.MkdirAll(filepath.Join(dir, "blobs", "sha256"), 0o755)
}

func errNotLayout(dir string) error {
	return errorf(NotLayout, dir, "%s: the directory is not empty and not an OCI layout", dir)
}

func writeWhole(path string, b []byte) error { return renameio.WriteFile(path, b, 0o644) }

// addToIndex names an image in the layout's index.json; another of that name loses the name.
func addToIndex(dir string, d v1.Descriptor, ref name.Reference) error {
	path := filepath.Join(dir, "index.json")
	idx := v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex}
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		if err := json.Unmarshal(raw, &idx); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	named := indexEntry(d, ref)
	idx.Manifests = slices.DeleteFunc(idx.Manifests, func(old v1.Descriptor) bool {
		return old.Annotations[refName] == named.Annotations[refName] && (old.Digest == d.Digest || named.Annotations[refName] != "")
	})
	idx.Manifests = append(idx.Manifests, named)
	out, err := json.MarshalIndent(idx, "", "  ")
	if err != nil {
		return err
	}
	return writeWhole(path, out)
}

// indexEntry is how index.json names an image: by its tag, and for containerd by all of its reference.
func indexEntry(d v1.Descriptor, ref name.Reference) v1.Descriptor {
	entry := plainDescriptor(d)
	if tag, ok := ref.(name.Tag); ok {
		entry.Annotations = map[string]string{refName: tag.TagStr(), containerdName: canonical(tag.Name())}
	}
	return entry
}
