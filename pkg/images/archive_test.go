package images_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/regctl/regctl/pkg/images"
	"github.com/stretchr/testify/require"
)

type entry struct {
	tar.Header
	body string
}

// tarBytes makes an archive of entries as they are given.
func tarBytes(tb testing.TB, entries ...entry) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		if e.Typeflag == 0 {
			e.Typeflag, e.Size, e.Mode = tar.TypeReg, int64(len(e.body)), 0o644
		}
		require.NoError(tb, w.WriteHeader(&e.Header))
		_, err := io.WriteString(w, e.body)
		require.NoError(tb, err)
	}
	require.NoError(tb, w.Close())
	return b.Bytes()
}

func file(name, body string) entry { return entry{tar.Header{Name: name}, body} }

func openBytes(t *testing.T, b []byte) (*images.Image, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "given.tar")
	require.NoError(t, os.WriteFile(path, b, 0o600))
	img, err := tryOpen(t, path)
	if err != nil {
		return nil, fmt.Errorf("%s", strings.ReplaceAll(err.Error(), path, "given.tar"))
	}
	return img, nil
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	dir := layoutOf(t, imageFor(t, "linux/amd64"))
	whole := read(t, tarOf(t, dir))
	for want, b := range map[string][]byte{
		"given.tar: empty": {},
		"given.tar: not an image: neither a docker-archive nor an OCI layout":                            []byte("just some text\n"),
		"given.tar: zstd compression is not supported":                                                   []byte("\x28\xb5\x2f\xfd1234"),
		"given.tar: xz compression is not supported":                                                     []byte("\xfd7zXZ\x00 "),
		"given.tar: the archive is cut off in blobs":                                                     whole[:len(whole)/2],
		"given.tar: cannot unpack: truncated":                                                            read(t, gzipOf(t, tarOf(t, dir)))[:200],
		"given.tar: manifest.json: invalid character":                                                    tarBytes(t, file("manifest.json", "nonsense")),
		"given.tar: index.json: ":                                                                        tarBytes(t, file("index.json", "[]")),
		"contains no image":                                                                              tarBytes(t, file("index.json", "{}")),
		`given.tar: image configuration "../../../etc/passwd": ../../../etc/passwd: file does not exist`: tarBytes(t, file("manifest.json", `[{"Config":"../../../etc/passwd","Layers":[]}]`)),
		"given.tar: manifest.json: sparse files are not supported":                                       sparseTar(t),
		"given.tar: index.json: a descriptor has no digest":                                              tarBytes(t, file("index.json", `{"manifests":[{"size":5}]}`)),
		`given.tar: index.json: cannot parse hash: "../../etc/passwd"`:                                   tarBytes(t, file("index.json", `{"manifests":[{"digest":"../../etc/passwd"}]}`)),
		"given.tar: manifest.json is 20000000 bytes long, the limit is":                                  tarBytes(t, file("manifest.json", strings.Repeat(" ", 20_000_000))),
		`layer "layer.tar": layer.tar: file does not exist`:                                              tarBytes(t, file("manifest.json", `[{"Config":"c.json","Layers":["layer.tar"]}]`), file("c.json", `{"rootfs":{"diff_ids":["`+someDigest+`"]}}`)),
	} {
		_, err := openBytes(t, b)
		require.ErrorContains(t, err, strings.TrimPrefix(want, "given.tar: there"), want)
	}
}

// sparseTar claims, in one block, a file of 8 GiB.
func sparseTar(tb testing.TB) []byte {
	tb.Helper()
	b := tarBytes(tb, file("manifest.json", ""))
	b[156] = tar.TypeGNUSparse
	copy(b[257:], "ustar  \x00")
	copy(b[386:], "77777777777\x0000000000000\x00") // a hole
	copy(b[483:], "77777777777\x00")                // and its size
	copy(b[148:], "        ")
	sum := 0
	for _, c := range b[:512] {
		sum += int(c)
	}
	copy(b[148:], fmt.Sprintf("%06o\x00 ", sum))
	return b
}

func TestOpenMissing(t *testing.T) {
	_, err := images.Open(t.Context(), filepath.Join(t.TempDir(), "none"), nil, "")
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = images.Open(t.Context(), t.TempDir(), nil, "")
	require.ErrorContains(t, err, "no index.json in the directory")
}

func TestOpenStreamLeavesNothing(t *testing.T) {
	temp := t.TempDir()
	for _, source := range []string{tarOf(t, layoutOf(t, imageFor(t, "linux/amd64"))), gzipOf(t, tarOf(t, layoutOf(t, imageFor(t, "linux/amd64"))))} {
		a, err := images.Open(t.Context(), "-", bytes.NewReader(read(t, source)), temp)
		require.NoError(t, err)
		require.Len(t, a.Images, 1)
		require.NoError(t, a.Close())
		require.Empty(t, names(t, temp))
	}
	_, err := images.Open(t.Context(), "-", strings.NewReader("nothing of the sort"), temp)
	require.EqualError(t, err, "stdin: not an image: neither a docker-archive nor an OCI layout")
	require.Empty(t, names(t, temp))
}

func TestChooseInDockerArchive(t *testing.T) {
	a, b := imageFor(t, "linux/amd64"), imageFor(t, "linux/arm64")
	path := dockerOf(t, map[string]v1.Image{"demo/a:v1": a, "demo/b:v1": b})
	archive, err := images.Open(t.Context(), path, nil, "")
	require.NoError(t, err)
	_, err = archive.Choose("")
	require.ErrorContains(t, err, "contains 2 images: demo/a:v1, demo/b:v1")
	isKind(t, err, images.SeveralImages, "demo/a:v1")
	id, err := b.ConfigName()
	require.NoError(t, err)
	for _, want := range []string{"demo/b:v1", id.String()} {
		img, err := archive.Choose(want)
		require.NoError(t, err)
		r, err := images.Inspect(t.Context(), img)
		require.NoError(t, err)
		require.Equal(t, []string{"linux/arm64"}, r.Platforms)
		require.Equal(t, []string{"/run"}, r.Config.Entrypoint)
		require.Equal(t, "here", r.Config.Labels["made"])
		require.Len(t, r.Layers, 2)
	}
}

// TestOpenBothForms: docker writes archives that are docker-archive and layout in one.
func TestOpenBothForms(t *testing.T) {
	img := imageFor(t, "linux/amd64")
	dir := layoutOf(t, img)
	id, err := img.ConfigName()
	require.NoError(t, err)
	manifest, err := json.Marshal(tarball.Manifest{{Config: "blobs/sha256/" + id.Hex, RepoTags: []string{"demo/app:v1"}}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "manifest.json"), manifest, 0o600))
	require.Equal(t, digestOf(t, img), open(t, tarOf(t, dir)).Root.Digest.String())
}

func FuzzOpen(f *testing.F) {
	img := tarBytes(f, file("oci-layout", `{"imageLayoutVersion":"1.0.0"}`), file("index.json", `{"schemaVersion":2,"manifests":[{"digest":"`+someDigest+`","size":0}]}`),
		file("blobs/sha256/"+someDigest[7:], ""))
	f.Add(img)
	f.Add(tarBytes(f, file("manifest.json", `[{"Config":"c.json","RepoTags":["a:b"],"Layers":["l.tar"]}]`), file("c.json", `{"rootfs":{"diff_ids":["`+someDigest+`"]}}`), file("l.tar", "")))
	f.Add(tarBytes(f, file("../../../tmp/manifest.json", "[]"), entry{Header: tar.Header{Name: "manifest.json", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}}))
	f.Add(sparseTar(f))
	f.Add([]byte("\x1f\x8b\x08\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		temp := t.TempDir()
		a, err := images.Open(t.Context(), "-", bytes.NewReader(b), temp)
		if err == nil {
			for _, img := range a.Images {
				for _, want := range append(img.Names, img.Root.Digest.String(), "") {
					if chosen, err := a.Choose(want); err == nil {
						_, _ = images.Inspect(t.Context(), chosen)
					}
				}
			}
			require.NoError(t, a.Close())
		}
		left, err := os.ReadDir(temp)
		require.NoError(t, err)
		require.Empty(t, left)
	})
}
