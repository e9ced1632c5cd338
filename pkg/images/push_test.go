package images_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/regctl/regctl/pkg/images"
	"github.com/stretchr/testify/require"
)

// pulled reads an image back with the library and checks all its bytes.
func pulled(t *testing.T, s *server, path string) v1.Image {
	t.Helper()
	img, err := remote.Image(s.ref(t, path), remote.WithTransport(s.Client().Transport))
	require.NoError(t, err)
	readAll(t, img)
	return img
}

// readAll reads every byte; the library compares them with their digests.
func readAll(t *testing.T, img v1.Image) {
	t.Helper()
	_, err := img.ConfigFile()
	require.NoError(t, err)
	layers, err := img.Layers()
	require.NoError(t, err)
	require.NotEmpty(t, layers)
	for _, l := range layers {
		rc, err := l.Compressed()
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, rc)
		require.NoError(t, err)
		require.NoError(t, rc.Close())
	}
}

func readIndex(t *testing.T, idx v1.ImageIndex) {
	t.Helper()
	im, err := idx.IndexManifest()
	require.NoError(t, err)
	require.NotEmpty(t, im.Manifests)
	for _, d := range im.Manifests {
		img, err := idx.Image(d.Digest)
		require.NoError(t, err)
		readAll(t, img)
	}
}

func TestPushKeepsTheDigestOfALayout(t *testing.T) {
	s := distribution(t)
	img := imageFor(t, "linux/amd64")
	dir := layoutOf(t, img)
	for name, source := range map[string]string{"folder": dir, "tar": tarOf(t, dir), "gzip": gzipOf(t, tarOf(t, dir))} {
		res, err := client(s).Push(t.Context(), open(t, source), s.ref(t, name+":v1"))
		require.NoError(t, err)
		require.Equal(t, s.host+"/"+name+":v1@"+digestOf(t, img), res.Ref)
		require.Equal(t, digestOf(t, img), digestOf(t, pulled(t, s, name+":v1")))
	}
}

func TestPushDockerArchive(t *testing.T) {
	s := distribution(t)
	img := imageFor(t, "linux/amd64")
	source := dockerOf(t, map[string]v1.Image{"demo/app:v1": img})
	_, err := client(s).Push(t.Context(), open(t, source), s.ref(t, "demo/app:v1"))
	require.NoError(t, err)
	want, err := img.ConfigName()
	require.NoError(t, err)
	got, err := pulled(t, s, "demo/app:v1").ConfigName()
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestPushIndexWhole(t *testing.T) {
	s := distribution(t)
	idx := indexOf(t, "linux/amd64", "linux/arm64")
	res, err := client(s).Push(t.Context(), open(t, layoutOf(t, idx)), s.ref(t, "multi:v1"))
	require.NoError(t, err)
	require.Equal(t, digestOf(t, idx), res.Digest)
	got, err := remote.Index(s.ref(t, "multi:v1"), remote.WithTransport(s.Client().Transport))
	require.NoError(t, err)
	readIndex(t, got)
}

func TestPushAgainSendsNoBlob(t *testing.T) {
	s := distribution(t)
	img := open(t, layoutOf(t, imageFor(t, "linux/amd64")))
	first, err := client(s).Push(t.Context(), img, s.ref(t, "app:v1"))
	require.NoError(t, err)
	require.Equal(t, first.Size, first.Transferred)
	s.forget()
	c, told := client(s), &steps{}
	c.Progress = told
	second, err := c.Push(t.Context(), img, s.ref(t, "app:v1"))
	require.NoError(t, err)
	require.Zero(t, s.called("POST"))
	require.Equal(t, 3, told.count(images.Exists))
	require.Equal(t, second.Size, second.Transferred+second.Skipped)
	require.Equal(t, told.expected, told.moved)
}

func TestPushToSeveralReferencesMounts(t *testing.T) {
	s := distribution(t)
	img := open(t, layoutOf(t, imageFor(t, "linux/amd64")))
	c, told := client(s), &steps{}
	c.Progress = told
	res, err := c.Push(t.Context(), img, s.ref(t, "a:v1"), s.ref(t, "a:v2"), s.ref(t, "b:v1"))
	require.NoError(t, err)
	require.Len(t, res.Others, 2)
	require.Equal(t, 3, told.count(images.Mounted))
	require.Equal(t, told.expected, told.moved)
	for _, tag := range []string{"a:v1", "a:v2", "b:v1"} {
		require.Equal(t, res.Digest, digestOf(t, pulled(t, s, tag)))
	}
}

func TestPushTriesAgain(t *testing.T) {
	s := distribution(t)
	failed := false
	s.answer(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch && !failed {
			failed = true
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		return false
	})
	c, told := client(s), &steps{}
	c.Progress = told
	_, err := c.Push(t.Context(), open(t, layoutOf(t, imageFor(t, "linux/amd64"))), s.ref(t, "app:v1"))
	require.NoError(t, err)
	require.True(t, failed)
	require.Equal(t, told.expected, told.moved)
	pulled(t, s, "app:v1")
}

func TestPushTagsNothingThatIsIncomplete(t *testing.T) {
	s := distribution(t)
	for name, spoil := range map[string]func(blob string) (want string){
		"missing": func(blob string) string {
			require.NoError(t, os.Remove(blob))
			return "is missing"
		},
		"short": func(blob string) string {
			require.NoError(t, os.Truncate(blob, 10))
			return "has 10 bytes, should have"
		},
		"rotten": func(blob string) string {
			b := read(t, blob)
			b[len(b)/2] ^= 1
			require.NoError(t, os.WriteFile(blob, b, 0o600))
			return "is corrupted: its content has the digest sha256:"
		},
	} {
		img := imageFor(t, "linux/amd64")
		dir := layoutOf(t, img)
		layers, err := img.Layers()
		require.NoError(t, err)
		want := spoil(filepath.Join(dir, "blobs", "sha256", strings.TrimPrefix(digestOf(t, layers[1]), "sha256:")))
		_, err = client(s).Push(t.Context(), open(t, dir), s.ref(t, "spoilt:"+name))
		require.ErrorContains(t, err, dir+": blob "+digestOf(t, layers[1])+" "+want)
		require.Zero(t, s.called("PUT /v2/spoilt/manifests/"), name)
	}
}

func TestPushByDigestOfAnother(t *testing.T) {
	s := distribution(t)
	_, err := client(s).Push(t.Context(), open(t, layoutOf(t, imageFor(t, "linux/amd64"))), s.ref(t, "a@"+someDigest))
	require.ErrorContains(t, err, "the image's digest is sha256:")
	failed := new(images.Error)
	require.ErrorAs(t, err, &failed)
	require.Equal(t, images.OtherDigest, failed.Kind)
	require.Empty(t, s.calls)
}
