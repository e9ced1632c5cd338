package images_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/zstd"
	"github.com/regctl/regctl/pkg/images"
	"github.com/stretchr/testify/require"
)

func sha256Of(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256:" + hex.EncodeToString(sum[:])
}

func sha512Of(s string) string {
	sum := sha512.Sum512([]byte(s))
	return "sha512:" + hex.EncodeToString(sum[:])
}

func gzipped(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(s))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func zstdPacked(t *testing.T, s string) string {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	return string(w.EncodeAll([]byte(s), nil))
}

// config is the configuration of an image whose layers have these digests.
func config(diffIDs ...string) string {
	b, _ := json.Marshal(map[string]any{"os": "linux", "architecture": "amd64", "rootfs": map[string]any{"type": "layers", "diff_ids": diffIDs}})
	return string(b)
}

// saved is a docker-archive of images of one layer each.
type saved struct {
	tags  []string
	layer string
}

func savedArchive(t *testing.T, list ...saved) (path string, ids []string) {
	t.Helper()
	var entries []entry
	var manifest tarball.Manifest
	for i, s := range list {
		cfg, layer := config(sha256Of(s.layer)), fmt.Sprintf("%d/layer.tar", i)
		id := sha256Of(cfg)
		ids = append(ids, id)
		entries = append(entries, file(id[7:]+".json", cfg), file(layer, s.layer))
		manifest = append(manifest, tarball.Descriptor{Config: id[7:] + ".json", RepoTags: s.tags, Layers: []string{layer}})
	}
	b, err := json.Marshal(manifest)
	require.NoError(t, err)
	path = filepath.Join(t.TempDir(), "saved.tar")
	require.NoError(t, os.WriteFile(path, tarBytes(t, append(entries, file("manifest.json", string(b)))...), 0o600))
	return path, ids
}

// configDigest is the digest of the configuration of what is chosen.
func configDigest(t *testing.T, path, want string) (string, error) {
	t.Helper()
	a, err := images.Open(t.Context(), path, nil, t.TempDir())
	require.NoError(t, err)
	defer a.Close()
	img, err := a.Choose(want)
	if err != nil {
		return "", err
	}
	raw, err := img.Manifest(t.Context())
	require.NoError(t, err)
	m, err := v1.ParseManifest(bytes.NewReader(raw))
	require.NoError(t, err)
	return m.Config.Digest.String(), nil
}

func TestChooseNeverTakesAnotherImageOfTheSameName(t *testing.T) {
	for name, c := range map[string]struct {
		tags  [2][]string
		names map[string]int // --image → which image, -1 for several
	}{
		"same tag":     {[2][]string{{"app:1"}, {"app:1"}}, map[string]int{"app:1": -1, "docker.io/library/app:1": -1}},
		"latest":       {[2][]string{{"app"}, {"app:latest"}}, map[string]int{"app": 0, "app:latest": 1, "docker.io/library/app": -1}},
		"docker hub":   {[2][]string{{"docker.io/library/app:1"}, {"app:1"}}, map[string]int{"docker.io/library/app:1": 0, "app:1": 1, "library/app:1": -1}},
		"unnamed":      {[2][]string{nil, {"app:1"}}, map[string]int{"app:1": 1, "docker.io/library/app:1": 1}},
		"both unnamed": {[2][]string{nil, nil}, nil},
		"second name":  {[2][]string{{"app:1", "a:1"}, {"app:1", "b:1"}}, map[string]int{"a:1": 0, "b:1": 1, "app:1": -1}},
	} {
		path, ids := savedArchive(t, saved{c.tags[0], "one"}, saved{c.tags[1], "two"})
		for i, id := range ids {
			got, err := configDigest(t, path, id)
			require.NoError(t, err, name)
			require.Equal(t, ids[i], got, name)
		}
		for want, i := range c.names {
			got, err := configDigest(t, path, want)
			if i < 0 {
				require.ErrorContains(t, err, fmt.Sprintf("%q is the name of 2 different images", want), name)
			} else {
				require.NoError(t, err, name)
				require.Equal(t, ids[i], got, name+" "+want)
			}
		}
		_, err := configDigest(t, path, "")
		require.ErrorContains(t, err, "contains 2 images: ", name)
		several := new(images.Error)
		require.ErrorAs(t, err, &several)
		require.Equal(t, images.SeveralImages, several.Kind)
		got, err := configDigest(t, path, several.Name)
		require.NoError(t, err, name+": what the error names can be chosen")
		require.Equal(t, ids[0], got)
	}
}

func TestChooseTheSameImageTwice(t *testing.T) {
	path, ids := savedArchive(t, saved{[]string{"a:1"}, "one"}, saved{[]string{"b:1"}, "one"})
	got, err := configDigest(t, path, "")
	require.NoError(t, err)
	require.Equal(t, ids[0], got)
}

func TestChooseOfManyListsSome(t *testing.T) {
	var list []saved
	for i := range 12 {
		list = append(list, saved{nil, fmt.Sprint(i)})
	}
	path, ids := savedArchive(t, list...)
	_, err := configDigest(t, path, "")
	require.EqualError(t, err, "contains 12 images: "+strings.Join(ids[:10], ", ")+" and 2 more")
}

// TestDamagedDockerArchive: each layer is compared with the configuration, however it is packed.
func TestDamagedDockerArchive(t *testing.T) {
	one, two := "layer one", "layer two"
	arc := func(config string, layers []string, files ...entry) []byte {
		m, err := json.Marshal(tarball.Manifest{{Config: "c.json", Layers: layers}})
		require.NoError(t, err)
		return tarBytes(t, append(files, file("c.json", config), file("manifest.json", string(m)))...)
	}
	other := "sha256:[^ ]+ is corrupted: its content has the digest " + sha256Of(two)
	for name, c := range map[string]struct {
		archive []byte
		want    string // "" is a good one
	}{
		"good":                 {arc(config(sha256Of(one)), []string{"l"}, file("l", one)), ""},
		"good gzip":            {arc(config(sha256Of(one)), []string{"l"}, file("l", gzipped(t, one))), ""},
		"good zstd":            {arc(config(sha256Of(one)), []string{"l"}, file("l", zstdPacked(t, one))), ""},
		"good, mixed":          {arc(config(sha256Of(one), sha256Of(two)), []string{"l", "m"}, file("l", gzipped(t, one)), file("m", two)), ""},
		"good sha512":          {arc(config(sha512Of(one)), []string{"l"}, file("l", one)), ""},
		"good, empty layer":    {arc(config(sha256Of("")), []string{"l"}, file("l", "")), ""},
		"good, one file twice": {arc(config(sha256Of(one), sha256Of(one)), []string{"l", "l"}, file("l", one)), ""},
		"other":                {arc(config(sha256Of(one)), []string{"l"}, file("l", two)), other},
		"other gzip":           {arc(config(sha256Of(one)), []string{"l"}, file("l", gzipped(t, two))), other},
		"other zstd":           {arc(config(sha256Of(one)), []string{"l"}, file("l", zstdPacked(t, two))), other},
		"other sha512":         {arc(config(sha512Of(one)), []string{"l"}, file("l", two)), "its content has the digest " + sha512Of(two)},
		"second":               {arc(config(sha256Of(one), sha256Of(one)), []string{"l", "m"}, file("l", one), file("m", two)), `layer "m": ` + other},
		"swapped":              {arc(config(sha256Of(one), sha256Of(two)), []string{"m", "l"}, file("l", one), file("m", two)), other},
		"layer too few":        {arc(config(sha256Of(one), sha256Of(two)), []string{"l"}, file("l", one)), "manifest.json lists 1 layers, the image configuration 2"},
		"layer too many":       {arc(config(sha256Of(one)), []string{"l", "l"}, file("l", one)), "manifest.json lists 2 layers, the image configuration 1"},
		"cut gzip":             {arc(config(sha256Of(one)), []string{"l"}, file("l", gzipped(t, one)[:20])), `layer "l": unexpected EOF`},
		"rotten gzip":          {arc(config(sha256Of(one)), []string{"l"}, file("l", gzipped(t, one)[:26]+"xxxxxxxx")), `layer "l": gzip: invalid checksum`},
		"xz":                   {arc(config(sha256Of(one)), []string{"l"}, file("l", "\xfd7zXZ\x00")), "packed with xz, which is not supported"},
		"no layers":            {arc("{}", nil), ""},
		"no configuration":     {arc("x", nil), `image configuration "c.json": `},
	} {
		_, err := openBytes(t, c.archive)
		if c.want == "" {
			require.NoError(t, err, name)
			continue
		}
		require.Error(t, err, name)
		require.Regexp(t, c.want, err.Error(), name)
	}
}

// TestConfigurationNamedByItsDigest: docker and podman name the file by its digest, others as they like.
func TestConfigurationNamedByItsDigest(t *testing.T) {
	cfg := config(sha256Of("x"))
	for name, good := range map[string]bool{
		"c.json": true, sha256Of(cfg)[7:] + ".json": true, sha256Of(cfg): true, "blobs/sha256/" + sha256Of(cfg)[7:]: true,
		sha256Of("y")[7:] + ".json": false, sha256Of("y"): false, "blobs/sha256/" + sha256Of("y")[7:]: false,
	} {
		_, err := openBytes(t, tarBytes(t, file(name, cfg), file("l", "x"), file("manifest.json", `[{"Config":"`+name+`","Layers":["l"]}]`)))
		if good {
			require.NoError(t, err, name)
		} else {
			require.ErrorContains(t, err, sha256Of("y")+" is corrupted: its content has the digest "+sha256Of(cfg), name)
		}
	}
}

// TestPushDockerArchiveWithZstd: docker has no media type for zstd, OCI has.
func TestPushDockerArchiveWithZstd(t *testing.T) {
	s := distribution(t)
	img, err := openBytes(t, tarBytes(t, file("a", gzipped(t, "a")), file("b", zstdPacked(t, "b")), file("c.json", config(sha256Of("a"), sha256Of("b"))),
		file("manifest.json", `[{"Config":"c.json","Layers":["a","b"]}]`)))
	require.NoError(t, err)
	require.Equal(t, types.OCIManifestSchema1, img.Root.MediaType)
	_, err = client(s).Push(t.Context(), img, s.ref(t, "z:1"))
	require.NoError(t, err)
	m, err := pulled(t, s, "z:1").Manifest()
	require.NoError(t, err)
	require.Equal(t, types.OCIConfigJSON, m.Config.MediaType)
	require.Equal(t, []types.MediaType{types.OCILayer, types.OCILayerZStd}, []types.MediaType{m.Layers[0].MediaType, m.Layers[1].MediaType})
}

func TestForeignLayerOfADockerArchiveIsNotLookedFor(t *testing.T) {
	sources := `{"` + sha256Of("w") + `":{"mediaType":"` + string(types.DockerForeignLayer) + `","size":9,"digest":"` + sha256Of("far") + `","urls":["https://cdn.example.com/w"]}}`
	img, err := openBytes(t, tarBytes(t, file("l", "x"), file("c.json", config(sha256Of("w"), sha256Of("x"))),
		file("manifest.json", `[{"Config":"c.json","Layers":["w","l"],"LayerSources":`+sources+`}]`)))
	require.NoError(t, err)
	raw, err := img.Manifest(t.Context())
	require.NoError(t, err)
	require.Contains(t, string(raw), "https://cdn.example.com/w")
}

func link(kind byte, name, target string) entry {
	return entry{Header: tar.Header{Typeflag: kind, Name: name, Linkname: target}}
}

func TestLinksInAnArchive(t *testing.T) {
	layers := []entry{file("a/layer.tar", "x"), file("c.json", config(sha256Of("x")))}
	archive := func(layer string, more ...entry) []byte {
		return tarBytes(t, append(append(layers, file("manifest.json", `[{"Config":"c.json","Layers":["`+layer+`"]}]`)), more...)...)
	}
	for name, b := range map[string][]byte{
		"symbolic":            archive("b/layer.tar", link(tar.TypeSymlink, "b/layer.tar", "../a/layer.tar")),
		"hard":                archive("b/layer.tar", link(tar.TypeLink, "b/layer.tar", "a/layer.tar")),
		"hard, with a dot":    archive("b/layer.tar", link(tar.TypeLink, "./b/layer.tar", "./a/layer.tar")),
		"of a link":           archive("b/l", link(tar.TypeSymlink, "b/l", "m"), link(tar.TypeLink, "b/m", "a/layer.tar")),
		"of a directory":      archive("b/layer.tar", link(tar.TypeSymlink, "b", "a")),
		"of directories":      archive("c/d/layer.tar", link(tar.TypeSymlink, "c", "e/f"), link(tar.TypeSymlink, "e/f/d", "../../a")),
		"the first counts":    archive("b", link(tar.TypeSymlink, "b", "a/layer.tar"), file("b", "y"), link(tar.TypeSymlink, "b", "c.json")),
		"the first is a file": archive("a/layer.tar", link(tar.TypeSymlink, "a/layer.tar", "c.json")),
	} {
		_, err := openBytes(t, b)
		require.NoError(t, err, name)
	}
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"circle":   {archive("b", link(tar.TypeSymlink, "b", "c"), link(tar.TypeLink, "c", "b")), `layer "b": b: a link that leads to itself`},
		"self":     {archive("b", link(tar.TypeSymlink, "b", "b")), "b: a link that leads to itself"},
		"outside":  {archive("b", link(tar.TypeSymlink, "b", "../../../../etc/passwd")), "b: link to ../../../../etc/passwd: file does not exist"},
		"absolute": {archive("b", link(tar.TypeSymlink, "b", "/etc/passwd")), "b: link to /etc/passwd: file does not exist"},
		"nothing":  {archive("b", link(tar.TypeLink, "b", "gone")), "b: link to gone: file does not exist"},
	} {
		_, err := openBytes(t, c.b)
		require.ErrorContains(t, err, c.want, name)
	}
}

func TestLayoutWithLinksInATar(t *testing.T) {
	s := distribution(t)
	img := imageFor(t, "linux/amd64")
	var entries []entry
	i := 0
	for name, body := range files(t, layoutOf(t, img)) {
		kept := fmt.Sprintf("store/%d", i)
		i++
		target, kind := kept, byte(tar.TypeLink)
		if i%2 == 0 {
			target, kind = strings.Repeat("../", strings.Count(name, "/"))+kept, tar.TypeSymlink
		}
		entries = append(entries, file(kept, body), link(kind, name, target))
	}
	source, err := openBytes(t, tarBytes(t, entries...))
	require.NoError(t, err)
	res, err := client(s).Push(t.Context(), source, s.ref(t, "links:1"))
	require.NoError(t, err)
	require.Equal(t, digestOf(t, img), res.Digest)
}

func TestGzippedArchiveThatUnpacksWithoutEnd(t *testing.T) {
	temp := t.TempDir()
	bomb := gzipped(t, string(tarBytes(t, file("zeros", strings.Repeat("\x00", 90<<20)))))
	_, err := images.Open(t.Context(), "-", strings.NewReader(bomb), temp)
	require.ErrorContains(t, err, "stdin: unpacks to more than")
	isKind(t, err, images.Packed, images.Stdin)
	require.Empty(t, names(t, temp))
}
