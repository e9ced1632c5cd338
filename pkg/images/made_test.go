package images_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/regctl/regctl/pkg/images"
	"github.com/stretchr/testify/require"
)

// isKind checks what a program can tell of an error: its kind and whom it is about.
func isKind(t *testing.T, err error, kind images.Kind, name string) {
	t.Helper()
	var failed *images.Error
	require.ErrorAs(t, err, &failed)
	require.Equal(t, kind, failed.Kind)
	require.Equal(t, name, failed.Name)
}

func platform(t *testing.T, s string) v1.Platform {
	t.Helper()
	p, err := images.ParsePlatform(s)
	require.NoError(t, err)
	return *p
}

// imageFor is a random image of two layers that says for what platform it is.
func imageFor(t *testing.T, p string) v1.Image {
	t.Helper()
	img, err := random.Image(5000, 2)
	require.NoError(t, err)
	cfg, err := img.ConfigFile()
	require.NoError(t, err)
	cfg = cfg.DeepCopy()
	cfg.OS, cfg.Architecture = platform(t, p).OS, platform(t, p).Architecture
	cfg.Config.Entrypoint, cfg.Config.Labels = []string{"/run"}, map[string]string{"made": "here"}
	img, err = mutate.ConfigFile(img, cfg)
	require.NoError(t, err)
	return img
}

// indexOf is an index of images for these platforms.
func indexOf(t *testing.T, platforms ...string) v1.ImageIndex {
	t.Helper()
	idx := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, p := range platforms {
		pl := platform(t, p)
		idx = mutate.AppendManifests(idx, mutate.IndexAddendum{Add: imageFor(t, p), Descriptor: v1.Descriptor{Platform: &pl}})
	}
	return idx
}

// layoutOf writes a layout directory of one image or index.
func layoutOf(t *testing.T, what mutate.Appendable) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "layout")
	p, err := layout.Write(dir, empty.Index)
	require.NoError(t, err)
	switch x := what.(type) {
	case v1.Image:
		require.NoError(t, p.AppendImage(x))
	case v1.ImageIndex:
		require.NoError(t, p.AppendIndex(x))
	}
	return dir
}

// dockerOf writes a docker-archive.
func dockerOf(t *testing.T, imgs map[string]v1.Image) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "image.tar")
	tags := map[name.Tag]v1.Image{}
	for n, img := range imgs {
		tag, err := name.NewTag(n)
		require.NoError(t, err)
		tags[tag] = img
	}
	require.NoError(t, tarball.MultiWriteToFile(path, tags))
	return path
}

// tarOf packs a directory.
func tarOf(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "layout.tar")
	f, err := os.Create(path)
	require.NoError(t, err)
	w := tar.NewWriter(f)
	require.NoError(t, w.AddFS(os.DirFS(dir)))
	require.NoError(t, w.Close())
	require.NoError(t, f.Close())
	return path
}

func gzipOf(t *testing.T, path string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(read(t, path))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	packed := filepath.Join(t.TempDir(), "packed")
	require.NoError(t, os.WriteFile(packed, b.Bytes(), 0o600))
	return packed
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return b
}

// open opens an archive and chooses its only image.
func open(t *testing.T, path string) *images.Image {
	t.Helper()
	img, err := tryOpen(t, path)
	require.NoError(t, err)
	return img
}

func tryOpen(t *testing.T, path string) (*images.Image, error) {
	t.Helper()
	a, err := images.Open(t.Context(), path, nil, t.TempDir())
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	return a.Choose("")
}

func digestOf(t *testing.T, d interface{ Digest() (v1.Hash, error) }) string {
	t.Helper()
	h, err := d.Digest()
	require.NoError(t, err)
	return h.String()
}

// files lists a directory's files with their bytes.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			rel, _ := filepath.Rel(dir, path)
			all[rel] = string(read(t, path))
		}
		return err
	}))
	return all
}

// steps notes what a Progress is told.
type steps struct {
	mu              sync.Mutex
	expected, moved int64
	done            []images.Step
	after           func(moved int64)
}

func (s *steps) Expect(n int64) { s.mu.Lock(); defer s.mu.Unlock(); s.expected += n }
func (s *steps) Moved(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.moved += n; s.after != nil {
		s.after(s.moved)
	}
}
func (s *steps) Done(x images.Step) { s.mu.Lock(); defer s.mu.Unlock(); s.done = append(s.done, x) }

func (s *steps) count(action string) (n int) {
	for _, x := range s.done {
		if x.Action == action {
			n++
		}
	}
	return n
}
