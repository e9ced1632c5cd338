package images_test

import (
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/inmemory"
	"github.com/google/go-containerregistry/pkg/name"
	gcrregistry "github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/regctl/regctl/pkg/images"
	"github.com/sirupsen/logrus"
	"github.com/stretchr/testify/require"
)

// server is a registry over TLS on loopback.
type server struct {
	*httptest.Server
	host string

	mu    sync.Mutex
	calls []string // METHOD path?query Range
	// before may answer in place of the registry
	before func(w http.ResponseWriter, r *http.Request) bool
	real   http.Handler
}

// brokenAfter breaks each answer that carries a blob after so many bytes.
func (s *server) brokenAfter(limit int) func(http.ResponseWriter, *http.Request) bool {
	return s.cut(limit, func(*http.Request) { panic(http.ErrAbortHandler) })
}

// stalledAfter sends no more of a blob after so many bytes, until the client goes.
func (s *server) stalledAfter(limit int) func(http.ResponseWriter, *http.Request) bool {
	return s.cut(limit, func(r *http.Request) { <-r.Context().Done() })
}

func (s *server) cut(limit int, then func(*http.Request)) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "/blobs/") {
			return false
		}
		whole := httptest.NewRecorder()
		s.real.ServeHTTP(whole, r)
		maps.Copy(w.Header(), whole.Header())
		w.WriteHeader(whole.Code)
		body := whole.Body.Bytes()
		_, _ = w.Write(body[:min(limit, len(body))])
		if len(body) > limit {
			_ = http.NewResponseController(w).Flush()
			then(r)
		}
		return true
	}
}

func serve(t *testing.T, h http.Handler) *server {
	t.Helper()
	s := &server{real: h}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.calls = append(s.calls, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("Range")))
		before := s.before
		s.mu.Unlock()
		if before == nil || !before(w, r) {
			h.ServeHTTP(w, r)
		}
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.host = strings.TrimPrefix(s.URL, "https://")
	t.Cleanup(s.Close)
	return s
}

// distribution is the usual registry: it has no referrers API.
func distribution(t *testing.T, change ...func(*configuration.Configuration)) *server {
	t.Helper()
	logrus.SetOutput(io.Discard)
	cfg := &configuration.Configuration{Storage: configuration.Storage{
		"inmemory": {}, "delete": {"enabled": true}, "maintenance": {"uploadpurging": map[any]any{"enabled": false}},
	}}
	cfg.HTTP.Secret = "test"
	cfg.Log.AccessLog.Disabled = true
	cfg.Log.Level = "panic"
	cfg.Catalog.MaxEntries, cfg.Tags.MaxTags = 3, 2 // so that paging happens
	for _, c := range change {
		c(cfg)
	}
	return serve(t, handlers.NewApp(t.Context(), cfg))
}

// withReferrers is a registry that has the referrers API.
func withReferrers(t *testing.T, _ ...func(*configuration.Configuration)) *server {
	t.Helper()
	return serve(t, gcrregistry.New(gcrregistry.Logger(log.New(io.Discard, "", 0)), gcrregistry.WithReferrersSupport(true)))
}

// called counts the requests that start so.
func (s *server) called(prefix string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		if strings.HasPrefix(c, prefix) {
			n++
		}
	}
	return n
}

// seen are the requests so far.
func (s *server) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

func (s *server) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = nil
}

func (s *server) answer(before func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = before
}

func (s *server) ref(t *testing.T, path string) name.Reference {
	t.Helper()
	ref, err := images.ParseRef(s.host + "/" + path)
	require.NoError(t, err)
	return ref
}

// client believes these servers.
func client(servers ...*server) *images.Client {
	byHost := map[string]http.RoundTripper{}
	for _, s := range servers {
		byHost[s.host] = s.Client().Transport
	}
	return &images.Client{
		Transport: func(host string) (http.RoundTripper, error) {
			if rt := byHost[host]; rt != nil {
				return rt, nil
			}
			return http.DefaultTransport, nil
		},
		Backoff: remote.Backoff{Duration: time.Millisecond, Factor: 1, Steps: 3},
	}
}
