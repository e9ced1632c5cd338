package images_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/regctl/regctl/pkg/images"
	"github.com/stretchr/testify/require"
)

// madeLayout is a layout directory that is written blob by blob.
type madeLayout struct {
	t      *testing.T
	dir    string
	digest func(string) string
}

func newLayout(t *testing.T, digest func(string) string) *madeLayout {
	t.Helper()
	return &madeLayout{t, t.TempDir(), digest}
}

func (l *madeLayout) blob(body string, mediaType types.MediaType) v1.Descriptor {
	h, err := v1.NewHash(l.digest(body))
	require.NoError(l.t, err)
	path := filepath.Join(l.dir, "blobs", h.Algorithm, h.Hex)
	require.NoError(l.t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(l.t, os.WriteFile(path, []byte(body), 0o600))
	return v1.Descriptor{MediaType: mediaType, Digest: h, Size: int64(len(body))}
}

func (l *madeLayout) json(v any, mediaType types.MediaType) v1.Descriptor {
	b, err := json.Marshal(v)
	require.NoError(l.t, err)
	return l.blob(string(b), mediaType)
}

// image is an image of one layer for a platform; its descriptor does not name that.
func (l *madeLayout) image(platform, layer string, more ...v1.Descriptor) v1.Descriptor {
	os, arch, _ := strings.Cut(platform, "/")
	cfg := l.json(map[string]any{"os": os, "architecture": arch, "rootfs": map[string]any{"type": "layers", "diff_ids": []string{sha256Of(layer)}}}, types.OCIConfigJSON)
	return l.json(v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1, Config: cfg,
		Layers: append(more, l.blob(gzipped(l.t, layer), types.OCILayer))}, types.OCIManifestSchema1)
}

func (l *madeLayout) index(list ...v1.Descriptor) v1.Descriptor {
	return l.json(v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: list}, types.OCIImageIndex)
}

// top writes index.json and returns the directory.
func (l *madeLayout) top(list ...v1.Descriptor) string {
	b, err := json.Marshal(v1.IndexManifest{SchemaVersion: 2, Manifests: list})
	require.NoError(l.t, err)
	require.NoError(l.t, os.WriteFile(filepath.Join(l.dir, "index.json"), b, 0o600))
	return l.dir
}

func on(t *testing.T, d v1.Descriptor, p string) v1.Descriptor {
	t.Helper()
	pl := platform(t, p)
	d.Platform = &pl
	return d
}

func called(d v1.Descriptor, name string) v1.Descriptor {
	d.Annotations = map[string]string{"org.opencontainers.image.ref.name": name}
	return d
}

func TestChooseOneNameForTwoPlatforms(t *testing.T) {
	l := newLayout(t, sha256Of)
	amd, arm := l.image("linux/amd64", "a"), l.image("linux/arm64", "b")
	dir := l.top(called(on(t, amd, "linux/amd64"), "1.0"), called(on(t, arm, "linux/arm64"), "1.0"))
	a, err := images.Open(t.Context(), dir, nil, "")
	require.NoError(t, err)
	_, err = a.Choose("1.0")
	require.EqualError(t, err, fmt.Sprintf(`"1.0" is the name of 2 different images: %s (1.0, linux/amd64), %s (1.0, linux/arm64)`, amd.Digest, arm.Digest))
	isKind(t, err, images.SeveralImages, amd.Digest.String())
	img, err := a.Choose(arm.Digest.String())
	require.NoError(t, err)
	require.Equal(t, arm.Digest, img.Root.Digest)
	_, err = a.Choose("2.0")
	require.ErrorContains(t, err, `image "2.0" not found; the archive contains `+amd.Digest.String())
}

// nested is an index of indexes, each with an image and its attestation, as buildx writes.
func nested(l *madeLayout) (idx v1.Descriptor, byPlatform map[string]v1.Descriptor) {
	byPlatform = map[string]v1.Descriptor{}
	var list []v1.Descriptor
	for _, p := range []string{"linux/amd64", "linux/arm64"} {
		img := l.image(p, p)
		byPlatform[p] = img
		attestation := on(l.t, l.image("unknown/unknown", "of "+p), "unknown/unknown")
		list = append(list, on(l.t, l.index(on(l.t, img, p), attestation), p))
	}
	return l.index(list...), byPlatform
}

func TestForInNestedIndexes(t *testing.T) {
	l := newLayout(t, sha256Of)
	idx, want := nested(l)
	img := open(t, l.top(idx))
	for p, d := range want {
		got, err := img.For(t.Context(), platform(t, p))
		require.NoError(t, err)
		require.Equal(t, d.Digest, got.Root.Digest)
	}
	_, err := img.For(t.Context(), platform(t, "linux/s390x"))
	require.ErrorContains(t, err, "no image for linux/s390x; there is linux/amd64, linux/arm64")
	isKind(t, err, images.NoSuchPlatform, "linux/amd64")
	_, err = img.For(t.Context(), platform(t, "unknown/unknown"))
	require.NoError(t, err, "attestations can be asked for")
	r, err := images.Inspect(t.Context(), img)
	require.NoError(t, err)
	require.Equal(t, []string{"linux/amd64", "linux/arm64"}, r.Platforms)
}

func TestForReadsWhatAnIndexDoesNotSay(t *testing.T) {
	l := newLayout(t, sha256Of)
	arm := l.image("linux/arm64", "b")
	chart := l.json(v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1, Config: l.blob("{}", "application/vnd.cncf.helm.config.v1+json")}, types.OCIManifestSchema1)
	gone := l.image("linux/s390x", "gone")
	require.NoError(t, os.Remove(filepath.Join(l.dir, "blobs", "sha256", gone.Digest.Hex)))
	img := open(t, l.top(l.index(gone, chart, l.image("linux/amd64", "a"), arm)))
	got, err := img.For(t.Context(), platform(t, "linux/arm64"))
	require.NoError(t, err)
	require.Equal(t, arm.Digest, got.Root.Digest)
	_, err = img.For(t.Context(), platform(t, "linux/386"))
	require.ErrorContains(t, err, "manifest "+gone.Digest.String()+" is missing")
	alone := open(t, l.top(chart))
	got, err = alone.For(t.Context(), platform(t, "linux/386"))
	require.NoError(t, err, "a chart runs nowhere, so that it is taken for all")
	require.Equal(t, chart.Digest, got.Root.Digest)
}

func TestPushNestedIndexes(t *testing.T) {
	s := distribution(t)
	l := newLayout(t, sha256Of)
	idx, _ := nested(l)
	_, err := client(s).Push(t.Context(), open(t, l.top(idx)), s.ref(t, "nest:1"))
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "pulled")
	_, err = client(s).Pull(t.Context(), s.ref(t, "nest:1"), dir, images.PullOptions{Format: images.OCI})
	require.NoError(t, err)
	for name, body := range files(t, filepath.Join(l.dir, "blobs")) {
		require.Equal(t, body, string(read(t, filepath.Join(dir, "blobs", name))))
	}
}

func TestIndexesWithoutEndAreRefused(t *testing.T) {
	l := newLayout(t, sha256Of)
	img := l.image("linux/amd64", "a")
	many := make([]v1.Descriptor, 10001)
	for i := range many {
		many[i] = img
	}
	_, err := images.Inspect(t.Context(), open(t, l.top(l.index(many...))))
	require.ErrorContains(t, err, "10001 manifests, more than the limit of 10000")
	_, err = images.Open(t.Context(), l.top(many...), nil, "")
	require.ErrorContains(t, err, "index.json: 10001 images, more than the limit of 10000")
	deep := img
	for range 10 {
		deep = l.index(deep)
	}
	_, err = images.Inspect(t.Context(), open(t, l.top(deep)))
	require.ErrorContains(t, err, "nested too deeply")
	_, err = open(t, l.top(deep)).For(t.Context(), platform(t, "linux/amd64"))
	require.ErrorContains(t, err, "nested too deeply")
}

// TestSha512: distribution keeps the blobs, and the manifest by its sha256 digest.
func TestSha512(t *testing.T) {
	s := distribution(t)
	l := newLayout(t, sha512Of)
	d := l.image("linux/amd64", "a")
	dir := l.top(d)
	res, err := client(s).Push(t.Context(), open(t, dir), s.ref(t, "a:1"), s.ref(t, "b:1"))
	require.NoError(t, err)
	manifest := string(read(t, filepath.Join(dir, "blobs", "sha512", d.Digest.Hex)))
	require.Equal(t, sha256Of(manifest), res.Digest)
	require.Equal(t, s.host+"/a:1@"+res.Digest, res.Ref)
	require.Equal(t, []string{s.host + "/b:1@" + res.Digest}, res.Others)
	_, err = client(s).Image(t.Context(), s.ref(t, "b@"+res.Digest))
	require.NoError(t, err)
	_, err = client(s).Copy(t.Context(), s.ref(t, "a:1"), s.ref(t, "c:1"), images.CopyOptions{Referrers: true})
	require.NoError(t, err)
	for _, format := range []string{images.OCI, images.DockerArchive} {
		path := filepath.Join(t.TempDir(), format)
		_, err = client(s).Pull(t.Context(), s.ref(t, "c:1"), path, images.PullOptions{Format: format})
		require.NoError(t, err, format)
		open(t, path)
	}
}

// TestSha512WhereTheRegistryKnowsIt plays a registry that keeps manifests by any digest.
func TestSha512WhereTheRegistryKnowsIt(t *testing.T) {
	s := distribution(t)
	l := newLayout(t, sha512Of)
	d := l.image("linux/amd64", "a")
	s.answer(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodHead || r.URL.Path != "/v2/a/manifests/"+d.Digest.String() {
			return false
		}
		w.Header().Set("Content-Type", string(d.MediaType))
		w.Header().Set("Content-Length", fmt.Sprint(d.Size))
		w.Header().Set("Docker-Content-Digest", d.Digest.String())
		return true
	})
	res, err := client(s).Push(t.Context(), open(t, l.top(d)), s.ref(t, "a:1"))
	require.NoError(t, err)
	require.Equal(t, s.host+"/a:1@"+d.Digest.String(), res.Ref)
}

func TestSha512IndexThatTheRegistryCannotKeep(t *testing.T) {
	s := distribution(t)
	l := newLayout(t, sha512Of)
	_, err := client(s).Push(t.Context(), open(t, l.top(l.index(l.image("linux/amd64", "a")))), s.ref(t, "a:1"))
	require.ErrorContains(t, err, "the registry may not support sha512 digests")
	_, err = client(s).Push(t.Context(), open(t, l.top(l.image("linux/amd64", "a"))), s.ref(t, "a@"+l.image("linux/amd64", "a").Digest.String()))
	require.ErrorContains(t, err, "sha512")
	require.NotContains(t, s.seen(), "PUT /v2/a/manifests/1")
}
