package images_test

import (
	"net/http"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/regctl/regctl/pkg/images"
	"github.com/stretchr/testify/require"
)

// TestTheRegistrysReasonIsShown: whatever form it has.
func TestTheRegistrysReasonIsShown(t *testing.T) {
	s := distribution(t)
	img := open(t, layoutOf(t, imageFor(t, "linux/amd64")))
	for body, want := range map[string]string{
		`{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":{"driver":"filesystem","detail":"write /x: input/output error"}}]}`:     "unknown error: detail write /x: input/output error, driver filesystem",
		`{"errors":[{"code":"UNKNOWN","message":"unknown error"},{"code":"UNKNOWN","message":"unknown error","detail":"invalid URL on layer"}]}`: "unknown error: invalid URL on layer",
		`{"errors":[{"code":"MANIFEST_INVALID","message":"manifest invalid","detail":["no layers",{"size":-1}]}]}`:                               "manifest invalid: no layers, size -1",
		`{"errors":[{"code":"SIZE_INVALID","detail":"blob of 10 bytes, 12 sent"}]}`:                                                              "size_invalid: blob of 10 bytes, 12 sent",
		`{"errors":[{"code":"SIZE_INVALID","message":"too big","detail":"too big"},{"code":"SIZE_INVALID","message":"too big"}]}`:                "too big",
		`{"errors":[{"code":"X","message":"a","detail":{}},{"code":"Y","message":"b","detail":true}]}`:                                           "a; b: true",
		`{"message":"quota of project exceeded"}`: "status 400 Bad Request: message quota of project exceeded",
		"quota exceeded\n":                        "status 400 Bad Request: quota exceeded",
		`"quota exceeded"`:                        "status 400 Bad Request: quota exceeded",
		"<html><head><title>413 Request\n Entity Too Large</title></head><body>nginx</body></html>": "status 400 Bad Request: 413 Request Entity Too Large",
		"":                       "status 400 Bad Request",
		strings.Repeat("ä", 600): "status 400 Bad Request: " + strings.Repeat("ä", 476) + "...",
	} {
		s.answer(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPut {
				return false
			}
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(body))
			return true
		})
		_, err := client(s).Push(t.Context(), img, s.ref(t, "a:1"))
		require.Error(t, err)
		require.Equal(t, want, strings.TrimPrefix(strings.TrimPrefix(err.Error(), s.host+"/a: "), s.host+"/a:1: "))
	}
}

func TestAFullDiskIsSaid(t *testing.T) {
	s := distribution(t)
	s.answer(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPatch {
			return false
		}
		w.WriteHeader(http.StatusInsufficientStorage)
		_, _ = w.Write([]byte(`{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":{"Err":"write /data/x: no space left on device"}}]}`))
		return true
	})
	_, err := client(s).Push(t.Context(), open(t, layoutOf(t, imageFor(t, "linux/amd64"))), s.ref(t, "a:1"))
	require.EqualError(t, err, s.host+"/a: the registry's storage is full: unknown error: Err write /data/x: no space left on device")
	isKind(t, err, images.StorageFull, s.host)
}

// TestForeignLayer: distribution refuses layers at URLs unless they are allowed.
func TestForeignLayer(t *testing.T) {
	l := newLayout(t, sha256Of)
	far, err := v1.NewHash(someDigest)
	require.NoError(t, err)
	d := l.image("windows/amd64", "a", v1.Descriptor{MediaType: types.DockerForeignLayer, Size: 9, Digest: far, URLs: []string{"https://cdn.example.com/w"}})
	source := open(t, l.top(d))
	s := distribution(t)
	_, err = client(s).Push(t.Context(), source, s.ref(t, "w:1"))
	require.ErrorContains(t, err, "the image has a foreign layer at https://cdn.example.com/w, which the registry may not allow")
	isKind(t, err, images.RefusedForeign, "https://cdn.example.com/w")

	s = withReferrers(t)
	_, err = client(s).Push(t.Context(), source, s.ref(t, "w:1"))
	require.NoError(t, err)
	path := t.TempDir() + "/out.tar"
	_, err = client(s).Pull(t.Context(), s.ref(t, "w:1"), path, images.PullOptions{Format: images.DockerArchive})
	require.ErrorContains(t, err, "layer "+someDigest+" is not in the registry but at https://cdn.example.com/w; a docker-archive requires it")
	isKind(t, err, images.MissingForeign, someDigest)
	require.NoDirExists(t, path+".partial")
	_, err = client(s).Pull(t.Context(), s.ref(t, "w:1"), path, images.PullOptions{Format: images.OCIArchive})
	require.NoError(t, err)
}
