package images_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/regctl/regctl/pkg/images"
	"github.com/stretchr/testify/require"
)

const stall = 300 * time.Millisecond

// impatient is a client that waits for a moment only.
func impatient(s *server) *images.Client {
	c := client(s)
	c.Stall = stall
	return c
}

func (s *server) registry(t *testing.T) name.Registry {
	t.Helper()
	return s.ref(t, "x").Context().Registry
}

func hang(w http.ResponseWriter, r *http.Request) {
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	<-r.Context().Done()
}

func on200(path string, answer func(http.ResponseWriter, *http.Request)) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, path) || r.Method == http.MethodPut {
			return false
		}
		answer(w, r)
		return true
	}
}

func TestAnAnswerThatNeverComes(t *testing.T) {
	s := distribution(t)
	_, err := client(s).Push(t.Context(), open(t, layoutOf(t, imageFor(t, "linux/amd64"))), s.ref(t, "a:1"))
	require.NoError(t, err)
	stalled := new(images.StalledError)
	for what, answer := range map[string]func(http.ResponseWriter, *http.Request){
		"no header": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"no body":   hang,
	} {
		for _, path := range []string{"/manifests/", "/tags/list", "/v2/"} {
			s.answer(on200(path, answer))
			start := time.Now()
			_, err = impatient(s).Tags(t.Context(), s.ref(t, "a").Context())
			if path == "/manifests/" {
				_, err = impatient(s).Image(t.Context(), s.ref(t, "a:1"))
			}
			require.ErrorAs(t, err, &stalled, what+path)
			require.ErrorContains(t, err, "no answer from the registry within "+stall.String())
			require.Less(t, time.Since(start), 10*stall, what+path)
		}
		s.answer(on200("/blobs/", answer))
		s.forget()
		_, err = impatient(s).Pull(t.Context(), s.ref(t, "a:1"), filepath.Join(t.TempDir(), "out"), images.PullOptions{Format: images.OCI})
		require.ErrorAs(t, err, &stalled, what)
	}
}

func TestAPullOverALineThatStallsGoesOn(t *testing.T) {
	s := distribution(t)
	img := imageFor(t, "linux/amd64")
	_, err := client(s).Push(t.Context(), open(t, layoutOf(t, img)), s.ref(t, "a:1"))
	require.NoError(t, err)
	s.answer(s.stalledAfter(2000))
	_, err = impatient(s).Pull(t.Context(), s.ref(t, "a:1"), filepath.Join(t.TempDir(), "out"), images.PullOptions{Format: images.OCI})
	require.NoError(t, err)
}

func TestASlowAnswerIsWaitedFor(t *testing.T) {
	s := distribution(t)
	s.answer(on200("/tags/list", func(w http.ResponseWriter, _ *http.Request) {
		for range 6 {
			time.Sleep(stall / 3)
			_, _ = io.WriteString(w, " ")
			_ = http.NewResponseController(w).Flush()
		}
		_, _ = io.WriteString(w, `{"tags":["v1"]}`)
	}))
	tags, err := impatient(s).Tags(t.Context(), s.ref(t, "a").Context())
	require.NoError(t, err)
	require.Equal(t, []string{"v1"}, tags)
}

// TestARegistryMayThinkAboutAnUpload: to move it to its place takes longer than an answer may.
func TestARegistryMayThinkAboutAnUpload(t *testing.T) {
	s := distribution(t)
	s.answer(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut {
			time.Sleep(2 * stall)
		}
		return false
	})
	_, err := impatient(s).Push(t.Context(), open(t, layoutOf(t, imageFor(t, "linux/amd64"))), s.ref(t, "a:1"))
	require.NoError(t, err)
}

func TestAnUploadThatNobodyTakes(t *testing.T) {
	s := distribution(t)
	s.answer(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPatch {
			return false
		}
		_, _ = io.CopyN(io.Discard, r.Body, 1)
		select {
		case <-r.Context().Done():
		case <-time.After(5 * stall):
		}
		return true
	})
	dir := newLayout(t, sha256Of)
	_, err := impatient(s).Push(t.Context(), open(t, dir.top(dir.image("linux/amd64", randomText(8<<20)))), s.ref(t, "a:1"))
	stalled := new(images.StalledError)
	require.ErrorAs(t, err, &stalled)
	require.Equal(t, stall, stalled.After)
}

func randomText(n int) string {
	b := make([]byte, n)
	f, err := os.Open("/dev/urandom")
	if err == nil {
		_, _ = io.ReadFull(f, b)
		_ = f.Close()
	}
	return string(b)
}

func TestAnswersWithoutEnd(t *testing.T) {
	s := distribution(t)
	endless := func(start, more string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) {
			_, err := io.WriteString(w, start)
			for part := strings.Repeat(more, 1000); err == nil; {
				_, err = io.WriteString(w, part)
			}
		}
	}
	for path, answer := range map[string]func(http.ResponseWriter, *http.Request){
		"/tags/list":  endless(`{"tags":["`, "a"),
		"/_catalog":   endless(`{"repositories":["a"`, `,"b"`),
		"/manifests/": endless("{", " "),
	} {
		s.answer(on200(path, answer))
		var err error
		switch path {
		case "/tags/list":
			_, err = client(s).Tags(t.Context(), s.ref(t, "a").Context())
		case "/_catalog":
			_, err = client(s).Repositories(t.Context(), s.registry(t))
		default:
			_, err = client(s).Image(t.Context(), s.ref(t, "a:1"))
		}
		require.ErrorContains(t, err, "the registry's answer is longer than 32 MiB", path)
	}
}

// TestALongBlobIsNotTakenForAnEndlessAnswer: only its descriptor limits a blob.
func TestALongBlobIsNotTakenForAnEndlessAnswer(t *testing.T) {
	s := withReferrers(t)
	l := newLayout(t, sha256Of)
	_, err := client(s).Push(t.Context(), open(t, l.top(l.image("linux/amd64", randomText(33<<20)))), s.ref(t, "a:1"))
	require.NoError(t, err)
	_, err = client(s).Pull(t.Context(), s.ref(t, "a:1"), filepath.Join(t.TempDir(), "out"), images.PullOptions{Format: images.OCI})
	require.NoError(t, err)
}

func TestListsThatGoInACircle(t *testing.T) {
	s := distribution(t)
	for key, path := range map[string]string{"tags": "/tags/list", "repositories": "/_catalog"} {
		for _, names := range [][]string{nil, {"x"}} {
			s.answer(on200(path, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Link", "<"+r.URL.Path+`?last=x>; rel="next"`)
				_ = json.NewEncoder(w).Encode(map[string]any{key: names})
			}))
			_, err := client(s).Tags(t.Context(), s.ref(t, "a").Context())
			if key == "repositories" {
				_, err = client(s).Repositories(t.Context(), s.registry(t))
			}
			require.ErrorContains(t, err, "the registry's list does not end: its page ")
		}
	}
}

func TestAnAnswerThatIsNoJSON(t *testing.T) {
	s := distribution(t)
	s.answer(on200("/tags/list", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, bytes.NewReader([]byte("<html>"))) }))
	_, err := client(s).Tags(t.Context(), s.ref(t, "a").Context())
	require.ErrorContains(t, err, s.host+"/a: unexpected response, not JSON: ")
}
