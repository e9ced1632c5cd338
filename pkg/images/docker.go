package images

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	gcr "github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// dockerImages lists the images in the manifest.json of "docker save". The layers
// of an image are read only when it is chosen, since they may have to be compressed.
func dockerImages(ctx context.Context, t *tarball) ([]*Image, error) {
	raw, err := readSmall(t, "manifest.json")
	if err != nil {
		return nil, err
	}
	var list gcr.Manifest
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("%s: manifest.json: %w", t, err)
	}
	if len(list) > nodeLimit {
		return nil, fmt.Errorf("%s: manifest.json: %w", t, tooMany(len(list), "images"))
	}
	var found []*Image
	for _, d := range list {
		img, err := dockerImage(ctx, t, d)
		if err != nil {
			return nil, fmt.Errorf("%s: image configuration %q: %w", t, d.Config, err)
		}
		found = append(found, img)
	}
	return found, nil
}

func dockerImage(ctx context.Context, t *tarball, d gcr.Descriptor) (*Image, error) {
	raw, err := readSmall(t, path.Clean(d.Config))
	if err != nil {
		return nil, err
	}
	id := sha256Of(raw)
	if named := digestInName(d.Config); named != "" && named != id.Hex {
		return nil, &DamageError{Digest: v1.Hash{Algorithm: "sha256", Hex: named}, What: "is corrupted: its content has the digest " + id.String()}
	}
	load := func() (v1.Image, error) { return loadSaved(ctx, t, raw, d) }
	return &Image{Names: d.RepoTags, id: id, from: &imageSource{name: t.String()}, load: load}, nil
}

// digestInName returns the sha256 digest that docker and podman name a configuration
// by, in hexadecimal; "" where another tool wrote a name of its own.
func digestInName(file string) string {
	base := strings.TrimPrefix(strings.TrimSuffix(path.Base(file), ".json"), "sha256:")
	if b, err := hex.DecodeString(base); err != nil || len(b) != 32 {
		return ""
	}
	return base
}

// savedImage is an image of a docker-archive, as the library reads images. Its
// manifest is made here, since a docker-archive has none.
type savedImage struct {
	config, manifest []byte
	mediaType        types.MediaType
	layers           map[v1.Hash]v1.Layer
}

func (s *savedImage) RawConfigFile() ([]byte, error)      { return s.config, nil }
func (s *savedImage) RawManifest() ([]byte, error)        { return s.manifest, nil }
func (s *savedImage) MediaType() (types.MediaType, error) { return s.mediaType, nil }
func (s *savedImage) LayerByDigest(h v1.Hash) (partial.CompressedLayer, error) {
	if l := s.layers[h]; l != nil {
		return l, nil
	}
	return nil, fmt.Errorf("no layer %s", h)
}

// loadSaved reads the layers of an image and compares each with the configuration.
func loadSaved(ctx context.Context, t *tarball, config []byte, d gcr.Descriptor) (v1.Image, error) {
	cfg, err := v1.ParseConfigFile(strings.NewReader(string(config)))
	if err != nil {
		return nil, fmt.Errorf("image configuration %q: %w", d.Config, err)
	}
	if want := len(cfg.RootFS.DiffIDs); want != len(d.Layers) {
		return nil, fmt.Errorf("damaged archive: manifest.json lists %d layers, the image configuration %d", len(d.Layers), want)
	}
	s := &savedImage{config: config, layers: map[v1.Hash]v1.Layer{}}
	var descs []v1.Descriptor
	for i, diffID := range cfg.RootFS.DiffIDs {
		if kept, ok := d.LayerSources[diffID]; ok && !kept.MediaType.IsDistributable() {
			descs = append(descs, kept) // registries do not hold it, its URLs are in the manifest
			continue
		}
		l, err := savedLayer(ctx, t, d.Layers[i], diffID)
		if err != nil {
			return nil, fmt.Errorf("layer %q: %w", d.Layers[i], err)
		}
		desc, err := partial.Descriptor(l)
		if err != nil {
			return nil, err
		}
		s.layers[desc.Digest], descs = l, append(descs, *desc)
	}
	return s.withManifest(descs)
}

// withManifest writes the manifest: docker's, or OCI's where a layer is packed with zstd, for which docker has no media type.
func (s *savedImage) withManifest(layers []v1.Descriptor) (v1.Image, error) {
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.DockerManifestSchema2, Layers: layers}
	m.Config = v1.Descriptor{MediaType: types.DockerConfigJSON, Size: int64(len(s.config)), Digest: sha256Of(s.config)}
	if slices.ContainsFunc(layers, func(d v1.Descriptor) bool { return d.MediaType == types.OCILayerZStd }) {
		m.MediaType, m.Config.MediaType = types.OCIManifestSchema1, types.OCIConfigJSON
		for i, d := range layers {
			if d.MediaType == types.DockerLayer {
				layers[i].MediaType = types.OCILayer
			}
		}
	}
	s.mediaType = m.MediaType
	var err error
	if s.manifest, err = json.Marshal(m); err != nil {
		return nil, err
	}
	return partial.CompressedToImage(s)
}
