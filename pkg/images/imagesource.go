package images

import (
	"context"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
)

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
