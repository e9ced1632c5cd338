package registry

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAbandonedUploadsDoNotHoldAShutdownUp(t *testing.T) {
	clock := time.Unix(1000, 0)
	a := NewActivity(func() time.Time { return clock })
	start := a.track(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Docker-Upload-UUID", "one")
		w.WriteHeader(http.StatusAccepted)
	}))
	require.True(t, a.quiet(time.Second))
	start.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/v2/a/blobs/uploads/", nil))
	require.False(t, a.quiet(time.Second), "a request has just ended")
	clock = clock.Add(2 * time.Second)
	require.False(t, a.quiet(time.Second), "an upload is open")
	clock = clock.Add(abandoned)
	require.True(t, a.quiet(time.Second), "nobody goes on with it")
	require.Empty(t, a.uploads, "nor is it kept in memory")

	start.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPatch, "/v2/a/blobs/uploads/one", nil))
	finish := a.track(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) }))
	finish.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPut, "/v2/a/blobs/uploads/one", nil))
	clock = clock.Add(2 * time.Second)
	require.True(t, a.quiet(time.Second), "it is finished")
}

func TestProbesAndStrangersDoNotHoldAShutdownUp(t *testing.T) {
	file := filepath.Join(t.TempDir(), "users")
	_, err := AddUser(file, "ann", "secret")
	require.NoError(t, err)
	log := slog.New(slog.DiscardHandler)
	users, err := OpenUsers(file, log)
	require.NoError(t, err)
	cfg, err := ParseConfig(nil, Storage{Kind: "inmemory"})
	require.NoError(t, err)
	app, err := NewApp(t.Context(), cfg)
	require.NoError(t, err)
	a := NewActivity(time.Now)
	h := Handler(app, users, NewMetrics(), a, Access{Log: log})
	for _, c := range []struct {
		path, password string
		quiet          bool
	}{{"/healthz", "", true}, {"/v2/", "", true}, {"/v2/a/tags/list", "wrong", true}, {"/v2/", "secret", true}, {"/v2/a/tags/list", "secret", false}} {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		r.SetBasicAuth("ann", c.password)
		h.ServeHTTP(httptest.NewRecorder(), r)
		require.Equal(t, c.quiet, a.quiet(time.Minute), "%s %s", c.path, c.password)
	}
}
