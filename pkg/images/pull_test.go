package images_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/regctl/regctl/pkg/images"
	"github.com/stretchr/testify/require"
)

func pushTo(t *testing.T, s *server, path string, what mutate.Appendable) {
	t.Helper()
	_, err := client(s).Push(t.Context(), open(t, layoutOf(t, what)), s.ref(t, path))
	require.NoError(t, err)
}

func TestPullLayout(t *testing.T) {
	s := distribution(t)
	idx := indexOf(t, "linux/amd64", "linux/arm64")
	pushTo(t, s, "multi:v1", idx)
	dir := filepath.Join(t.TempDir(), "out")
	c, told := client(s), &steps{}
	c.Progress = told
	res, err := c.Pull(t.Context(), s.ref(t, "multi:v1"), dir, images.PullOptions{Format: images.OCI})
	require.NoError(t, err)
	require.Equal(t, digestOf(t, idx), res.Digest)
	require.Equal(t, res.Size, res.Transferred)
	require.Equal(t, told.expected, told.moved)
	got, err := layout.ImageIndexFromPath(dir)
	require.NoError(t, err)
	inner, err := got.ImageIndex(v1.Hash{Algorithm: "sha256", Hex: res.Digest[7:]})
	require.NoError(t, err)
	readIndex(t, inner)

	s.forget()
	res, err = c.Pull(t.Context(), s.ref(t, "multi:v1"), dir, images.PullOptions{Format: images.OCI})
	require.NoError(t, err)
	require.Zero(t, res.Transferred)
	require.Zero(t, s.called("GET /v2/multi/blobs/"))
	require.Len(t, open(t, dir).Names, 2, "one entry, by tag and by whole name")
}

func TestPullSeveralIntoOneLayout(t *testing.T) {
	s := distribution(t)
	a, b := imageFor(t, "linux/amd64"), imageFor(t, "linux/amd64")
	pushTo(t, s, "app:v1", a)
	pushTo(t, s, "app:v2", b)
	dir := filepath.Join(t.TempDir(), "out")
	for _, tag := range []string{"app:v1", "app:v2"} {
		_, err := client(s).Pull(t.Context(), s.ref(t, tag), dir, images.PullOptions{Format: images.OCI})
		require.NoError(t, err)
	}
	archive, err := images.Open(t.Context(), dir, nil, "")
	require.NoError(t, err)
	_, err = archive.Choose("")
	require.ErrorContains(t, err, "contains 2 images")
	isKind(t, err, images.SeveralImages, s.host+"/app:v1")
	img, err := archive.Choose("v2")
	require.NoError(t, err)
	require.Equal(t, digestOf(t, b), img.Root.Digest.String())
	_, err = archive.Choose("v3")
	require.ErrorContains(t, err, `image "v3" not found`)
}

func TestPullArchives(t *testing.T) {
	s := distribution(t)
	idx := indexOf(t, "linux/amd64", "linux/arm64")
	pushTo(t, s, "multi:v1", idx)
	path := filepath.Join(t.TempDir(), "image.tar")
	opts := images.PullOptions{Format: images.DockerArchive, Default: platform(t, "linux/arm64")}
	res, err := client(s).Pull(t.Context(), s.ref(t, "multi:v1"), path, opts)
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Base(path)}, names(t, filepath.Dir(path)))
	img, err := tarball.ImageFromPath(path, nil)
	require.NoError(t, err)
	readAll(t, img)
	cfg, err := img.ConfigFile()
	require.NoError(t, err)
	require.Equal(t, "arm64", cfg.Architecture)
	require.NotEqual(t, digestOf(t, idx), res.Digest)

	opts.Format = images.OCIArchive
	res, err = client(s).Pull(t.Context(), s.ref(t, "multi:v1"), path, opts)
	require.NoError(t, err)
	require.Equal(t, digestOf(t, idx), res.Digest)
	require.Equal(t, digestOf(t, idx), open(t, path).Root.Digest.String())
	again, err := client(s).Push(t.Context(), open(t, path), s.ref(t, "back:v1"))
	require.NoError(t, err)
	require.Equal(t, digestOf(t, idx), again.Digest)
}

func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range list {
		all = append(all, e.Name())
	}
	return all
}

func TestPullPlatforms(t *testing.T) {
	s := distribution(t)
	pushTo(t, s, "multi:v1", indexOf(t, "linux/amd64", "linux/arm64"))
	pushTo(t, s, "one:v1", imageFor(t, "linux/amd64"))
	p := platform(t, "linux/s390x")
	for ref, there := range map[string]string{"multi:v1": "linux/amd64, linux/arm64", "one:v1": "linux/amd64"} {
		_, err := client(s).Pull(t.Context(), s.ref(t, ref), filepath.Join(t.TempDir(), "x"), images.PullOptions{Format: images.OCI, Platform: &p})
		require.ErrorContains(t, err, "no image for linux/s390x; there is "+there)
		isKind(t, err, images.NoSuchPlatform, "linux/amd64")
	}
	_, err := images.ParsePlatform("linux")
	isKind(t, err, images.InvalidPlatform, "linux")
}

// bigImage has one layer of a size that takes several reads.
func bigImage(t *testing.T) (img v1.Image, layer v1.Hash, size int64) {
	t.Helper()
	img, err := random.Image(3<<20, 1)
	require.NoError(t, err)
	layers, err := img.Layers()
	require.NoError(t, err)
	layer, err = layers[0].Digest()
	require.NoError(t, err)
	size, err = layers[0].Size()
	require.NoError(t, err)
	return img, layer, size
}

// interrupted pulls until some of the layer is there, and returns the partial file.
func interrupted(t *testing.T, s *server, dir string, layer v1.Hash) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.answer(s.stalledAfter(2 << 20))
	defer s.answer(nil)
	c := client(s)
	c.Progress = &steps{after: func(moved int64) {
		if moved > 1<<20 {
			cancel()
		}
	}}
	_, err := c.Pull(ctx, s.ref(t, "big:v1"), dir, images.PullOptions{Format: images.OCI})
	require.ErrorIs(t, err, context.Canceled)
	require.NoFileExists(t, filepath.Join(dir, "index.json"))
	require.NoFileExists(t, filepath.Join(dir, "blobs", "sha256", layer.Hex))
	partial := filepath.Join(dir, "blobs", "sha256", layer.Hex+".partial")
	require.FileExists(t, partial)
	return partial
}

func TestPullGoesOnWhereItStopped(t *testing.T) {
	s := distribution(t)
	img, layer, size := bigImage(t)
	pushTo(t, s, "big:v1", img)
	dir := filepath.Join(t.TempDir(), "out")
	partial := interrupted(t, s, dir, layer)
	had := len(read(t, partial))
	s.forget()
	c, told := client(s), &steps{}
	c.Progress = told
	res, err := c.Pull(t.Context(), s.ref(t, "big:v1"), dir, images.PullOptions{Format: images.OCI})
	require.NoError(t, err)
	require.Equal(t, 1, s.called("GET /v2/big/blobs/"+layer.String()+" bytes="+strconv.Itoa(had)+"-"))
	require.Less(t, res.Transferred, size)
	require.Equal(t, told.expected, told.moved)
	require.NoFileExists(t, partial)
	_, err = client(s).Push(t.Context(), open(t, dir), s.ref(t, "back:v1"))
	require.NoError(t, err)
}

func TestPullDistrustsPartialBytes(t *testing.T) {
	s := distribution(t)
	img, layer, _ := bigImage(t)
	pushTo(t, s, "big:v1", img)
	for name, spoil := range map[string]func(b []byte) []byte{
		"wrong":    func(b []byte) []byte { b[0] ^= 1; return b },
		"too long": func(b []byte) []byte { return append(b, make([]byte, 4<<20)...) },
	} {
		dir := filepath.Join(t.TempDir(), "out")
		partial := interrupted(t, s, dir, layer)
		require.NoError(t, os.WriteFile(partial, spoil(read(t, partial)), 0o600), name)
		_, err := client(s).Pull(t.Context(), s.ref(t, "big:v1"), dir, images.PullOptions{Format: images.OCI})
		require.NoError(t, err, name)
		_, err = client(s).Push(t.Context(), open(t, dir), s.ref(t, "back:v1"))
		require.NoError(t, err, name)
	}
}

func TestPullWithoutRanges(t *testing.T) {
	s := distribution(t)
	img, layer, _ := bigImage(t)
	pushTo(t, s, "big:v1", img)
	dir := filepath.Join(t.TempDir(), "out")
	interrupted(t, s, dir, layer)
	s.answer(func(_ http.ResponseWriter, r *http.Request) bool { r.Header.Del("Range"); return false })
	_, err := client(s).Pull(t.Context(), s.ref(t, "big:v1"), dir, images.PullOptions{Format: images.OCI})
	require.NoError(t, err)
	open(t, dir)
}

// TestPullOverABrokenLine: the connection breaks in the middle of each answer, and the pull goes on from there.
func TestPullOverABrokenLine(t *testing.T) {
	s := distribution(t)
	img, _, _ := bigImage(t)
	pushTo(t, s, "big:v1", img)
	s.answer(s.brokenAfter(1 << 20))
	dir := filepath.Join(t.TempDir(), "out")
	res, err := client(s).Pull(t.Context(), s.ref(t, "big:v1"), dir, images.PullOptions{Format: images.OCI})
	require.NoError(t, err)
	require.Equal(t, res.Size, res.Transferred)
	require.GreaterOrEqual(t, s.called("GET /v2/big/blobs/"), 4)
}

func TestPullRefusesWrongBytes(t *testing.T) {
	s := distribution(t)
	img, layer, size := bigImage(t)
	pushTo(t, s, "big:v1", img)
	s.answer(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, layer.String()) {
			_, _ = w.Write(make([]byte, size)) // not what was asked for
			return true
		}
		return false
	})
	dir := filepath.Join(t.TempDir(), "out")
	_, err := client(s).Pull(t.Context(), s.ref(t, "big:v1"), dir, images.PullOptions{Format: images.OCI})
	require.ErrorContains(t, err, s.host+"/big: blob "+layer.String())
	require.NoFileExists(t, filepath.Join(dir, "index.json"))
	for name := range files(t, dir) {
		require.NotContains(t, name, layer.Hex)
	}
}

func TestPullIntoSomethingElse(t *testing.T) {
	s := distribution(t)
	pushTo(t, s, "app:v1", imageFor(t, "linux/amd64"))
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "letter.txt"), []byte("dear"), 0o600))
	_, err := client(s).Pull(t.Context(), s.ref(t, "app:v1"), dir, images.PullOptions{Format: images.OCI})
	require.ErrorContains(t, err, "the directory is not empty and not an OCI layout")
	_, err = client(s).Pull(t.Context(), s.ref(t, "app:v1"), dir, images.PullOptions{Format: images.OCIArchive})
	require.ErrorContains(t, err, "exists and is not a file")
	require.Equal(t, []string{"letter.txt"}, names(t, dir))
	_, err = client(s).Pull(t.Context(), s.ref(t, "app:v1"), filepath.Join(dir, "sub", "app.tar"), images.PullOptions{Format: images.DockerArchive})
	require.ErrorContains(t, err, "directory "+filepath.Join(dir, "sub")+" does not exist")
}

func TestPullRemovesOnlyItsOwnFolder(t *testing.T) {
	s := distribution(t)
	pushTo(t, s, "app:v1", imageFor(t, "linux/amd64"))
	path := filepath.Join(t.TempDir(), "app.tar")
	theirs := filepath.Join(path+".partial", "notes.txt")
	require.NoError(t, os.Mkdir(path+".partial", 0o755))
	require.NoError(t, os.WriteFile(theirs, nil, 0o644))
	_, err := client(s).Pull(t.Context(), s.ref(t, "app:v1"), path, images.PullOptions{Format: images.DockerArchive})
	require.ErrorContains(t, err, "app.tar.partial: the directory is not empty")
	require.FileExists(t, theirs)
	require.NoFileExists(t, path)
}

func TestPullEmptyImage(t *testing.T) {
	s := distribution(t)
	pushTo(t, s, "none:v1", empty.Image)
	_, err := client(s).Pull(t.Context(), s.ref(t, "none:v1"), filepath.Join(t.TempDir(), "x"), images.PullOptions{Format: images.OCI})
	require.NoError(t, err)
}
