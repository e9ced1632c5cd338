package images

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	gcr "github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// dockerImages lists what the manifest.json of "docker save" names. An image is
// taken apart only when it is chosen, since that may mean to compress its layers.
func dockerImages(t *tarball) ([]*Image, error) {
	raw, err := readSmall(t, "manifest.json")
	if err != nil {
		return nil, err
	}
	var list gcr.Manifest
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("%s: manifest.json: %w", t, err)
	}
	var found []*Image
	for _, d := range list {
		img, err := dockerImage(t, d, len(list) == 1)
		if err != nil {
			return nil, err
		}
		found = append(found, img)
	}
	return found, nil
}

// dockerImage is one image of a docker-archive; only says that there is no other in it.
func dockerImage(t *tarball, d gcr.Descriptor, only bool) (*Image, error) {
	cfg, err := readSmall(t, path.Clean(d.Config))
	if err != nil {
		return nil, fmt.Errorf("%s: configuration of an image: %w", t, err)
	}
	id, _, err := v1.SHA256(bytes.NewReader(cfg))
	if err != nil {
		return nil, err
	}
	img := &Image{Names: d.RepoTags, id: id, from: &imageSource{name: t.String()}}
	img.load = func() (v1.Image, error) {
		if only {
			return gcr.Image(t.all, nil)
		}
		if len(d.RepoTags) == 0 {
			return nil, errors.New("an image without a name among others cannot be read")
		}
		tag, err := name.NewTag(d.RepoTags[0])
		if err != nil {
			return nil, err
		}
		return gcr.Image(t.all, &tag)
	}
	return img, nil
}

// imageSource reads an image that the library makes up on the fly.
type imageSource struct {
	img  v1.Image
	name string
}

func (s *imageSource) String() string { return s.name }

func (s *imageSource) manifest(context.Context, v1.Descriptor) ([]byte, error) {
	return s.img.RawManifest()
}

func (s *imageSource) has(d v1.Descriptor) error {
	_, err := s.layer(d)
	return err
}

func (s *imageSource) open(_ context.Context, d v1.Descriptor, offset int64) (io.ReadCloser, error) {
	l, err := s.layer(d)
	if err != nil {
		return nil, err
	}
	rc, err := l.Compressed()
	if err != nil {
		return nil, err
	}
	if _, err := io.CopyN(io.Discard, rc, offset); err != nil {
		rc.Close()
		return nil, err
	}
	return rc, nil
}

func (s *imageSource) layer(d v1.Descriptor) (v1.Layer, error) {
	cfg, err := partial.ConfigLayer(s.img)
	if err != nil {
		return nil, err
	}
	if h, err := cfg.Digest(); err == nil && h == d.Digest {
		return cfg, nil
	}
	l, err := s.img.LayerByDigest(d.Digest)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.name, err)
	}
	return l, nil
}

// layersPacked tells whether the layers of a layout's images are compressed.
func layersPacked(ctx context.Context, l layout) bool {
	list, err := l.images()
	if err != nil {
		return false
	}
	for _, img := range list {
		t, err := readTree(ctx, l, img.Root)
		if err != nil || slices.ContainsFunc(t.blobs, unpacked) {
			return false
		}
	}
	return true
}

func unpacked(d v1.Descriptor) bool {
	return d.MediaType == types.OCIUncompressedLayer || d.MediaType == types.DockerUncompressedLayer
}
