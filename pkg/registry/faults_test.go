package registry_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/regctl/regctl/pkg/registry"
	"github.com/stretchr/testify/require"
)

// TestTagIsNeverMissingWhileItIsOverwritten: a reader of a tag sees the former image or the next one.
func TestTagIsNeverMissingWhileItIsOverwritten(t *testing.T) {
	t.Parallel()
	host, _ := start(t, registry.Files(t.TempDir()), nil)
	tag, err := name.NewTag(host + "/a:v1")
	require.NoError(t, err)
	var images [2]v1.Image
	for i := range images {
		images[i], err = random.Image(100, 1)
		require.NoError(t, err)
		require.NoError(t, remote.Write(tag, images[i]))
	}
	done := make(chan error, 1)
	go func() {
		for i := range 300 {
			if err := remote.Tag(tag, images[i%2]); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	reads := 0
	for running := true; running; reads++ {
		select {
		case err := <-done:
			require.NoError(t, err)
			running = false
		default:
		}
		resp, err := http.Get("http://" + host + "/v2/a/manifests/v1")
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, http.StatusOK, resp.StatusCode, "read %d", reads)
	}
	t.Logf("%d reads", reads)
}

// TestDamagedBlobIsSetAsideAndMended: rotten bytes are never given out whole, and
// a push of the same image brings the right ones.
func TestDamagedBlobIsSetAsideAndMended(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func([]byte) []byte{
		"a bit":     func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"its end":   func(b []byte) []byte { return b[:len(b)-7] },
		"more than": func(b []byte) []byte { return append(b, "more"...) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			host, _ := start(t, registry.Files(dir), nil)
			img := push(t, host+"/a:v1")
			layers, err := img.Layers()
			require.NoError(t, err)
			d, err := layers[0].Digest()
			require.NoError(t, err)
			url := "http://" + host + "/v2/a/blobs/" + d.String()
			whole, err := get(t, url)
			require.NoError(t, err)

			file := filepath.Join(dir, "docker/registry/v2/blobs/sha256", d.Hex[:2], d.Hex, "data")
			require.NoError(t, os.WriteFile(file, damage(bytes.Clone(whole)), 0o600))
			later := time.Now().Add(time.Minute)
			require.NoError(t, os.Chtimes(file, later, later))
			_, err = get(t, url)
			require.Error(t, err, "the answer breaks off")
			require.FileExists(t, file+".damaged")
			_, err = get(t, url)
			require.ErrorContains(t, err, "404")

			again(t, host+"/a:v2", img)
			mended, err := get(t, url)
			require.NoError(t, err)
			require.Equal(t, whole, mended)
		})
	}
}

func get(t *testing.T, url string) ([]byte, error) {
	t.Helper()
	resp, err := http.Get(url)
	require.NoError(t, err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, errors.New(resp.Status)
	}
	return io.ReadAll(resp.Body)
}

func again(t *testing.T, ref string, img v1.Image) {
	t.Helper()
	r, err := name.ParseReference(ref)
	require.NoError(t, err)
	require.NoError(t, remote.Write(r, img))
}

// TestStorageIsTriedAtStart: what is only read need not be writable, and is not made.
func TestStorageIsTriedAtStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := registry.Files(filepath.Join(dir, "none"))
	require.Error(t, s.Check(t.Context(), true), "nothing is made where only reading is asked for")
	require.NoDirExists(t, filepath.Join(dir, "none"))
	require.NoError(t, s.Check(t.Context(), false))
	require.NoError(t, s.Check(t.Context(), true))
}
