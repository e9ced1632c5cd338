package intranet_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/regctl/regctl/pkg/intranet"
	"github.com/stretchr/testify/require"
)

// site is a registry, its token server, where uploads go and where blobs are
// kept: each under a host of its own, and one server behind them all.
type site struct {
	registry, tokens, uploads, blobs string
	images                           http.Handler
	mu                               sync.Mutex
	seen                             map[string]bool // hosts that were asked
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.seen[r.Host] = true
	s.mu.Unlock()
	if r.Host == s.tokens && r.URL.Path == "/token" {
		if user, password, _ := r.BasicAuth(); user != "alice" || password != "secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, `{"token": "t"}`)
		return
	}
	if r.Host == s.registry && r.Header.Get("Authorization") != "Bearer t" {
		w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="https://%s/token",service="s"`, s.tokens))
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.Host == s.registry && s.blobs != s.registry && r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/") {
		http.Redirect(w, r, "https://"+s.blobs+r.URL.Path, http.StatusTemporaryRedirect)
		return
	}
	s.images.ServeHTTP(&moved{w, s.uploads}, r)
}

// moved puts the host of uploads into locations.
type moved struct {
	http.ResponseWriter
	host string
}

// WriteHeader completes the location.
func (m *moved) WriteHeader(code int) {
	if l := m.Header().Get("Location"); code == http.StatusAccepted && strings.HasPrefix(l, "/") {
		m.Header().Set("Location", "https://"+m.host+l)
	}
	m.ResponseWriter.WriteHeader(code)
}

func (s *site) pushAndPull(t *testing.T) error {
	t.Helper()
	s.seen, s.images = map[string]bool{}, registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewTLSServer(s)
	t.Cleanup(server.Close)
	through := &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // the addresses are not in the certificate
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
		},
	}
	ref, err := name.ParseReference(s.registry+"/team/app:v1", name.StrictValidation)
	require.NoError(t, err)
	img, err := random.Image(64, 1)
	require.NoError(t, err)
	options := []remote.Option{
		remote.WithTransport(&intranet.Transport{Registry: s.registry, Next: through}),
		remote.WithAuth(&authn.Basic{Username: "alice", Password: "secret"}),
	}
	if err := remote.Write(ref, img, options...); err != nil {
		return err
	}
	got, err := remote.Image(ref, options...)
	if err != nil {
		return err
	}
	layers, err := got.Layers()
	if err != nil {
		return err
	}
	content, err := layers[0].Compressed()
	if err != nil {
		return err
	}
	defer content.Close()
	_, err = io.Copy(io.Discard, content)
	return err
}

func TestARegistryMaySendToPrivateAddresses(t *testing.T) {
	for _, s := range []*site{
		{registry: "registry.test", tokens: "10.99.0.2", uploads: "192.168.1.2:5000", blobs: "172.16.3.4:8443"},
		{registry: "10.99.0.1:5000", tokens: "10.99.0.1:5001", uploads: "10.99.0.1:5000", blobs: "10.99.0.1:5000"},
		{registry: "registry.test:5000", tokens: "[fd00::2]:5001", uploads: "[fd00::3]", blobs: "[fd00::3]"},
		{registry: "127.0.0.1:5000", tokens: "127.0.0.1:5001", uploads: "localhost:5000", blobs: "127.0.0.2"},
		{registry: "registry.test", tokens: "registry.test", uploads: "uploads.test", blobs: "192.0.2.7"},
	} {
		require.NoError(t, s.pushAndPull(t), s)
		require.Subset(t, s.seen, map[string]bool{s.registry: true, s.tokens: true, s.uploads: true, s.blobs: true})
	}
}

func TestARegistryMayNotSendToMetadataOrThisMachine(t *testing.T) {
	for _, host := range []string{
		"169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "[fd20:ce::254]", "127.0.0.1", "[::1]", "0.0.0.0", "2852039166", "[::ffff:169.254.169.254]",
	} {
		for role, s := range map[string]*site{
			"tokens":  {registry: "registry.test", tokens: host, uploads: "10.0.0.1", blobs: "10.0.0.1"},
			"uploads": {registry: "registry.test", tokens: "10.0.0.1", uploads: host, blobs: "10.0.0.1"},
			"blobs":   {registry: "registry.test", tokens: "10.0.0.1", uploads: "10.0.0.1", blobs: host},
		} {
			require.Error(t, s.pushAndPull(t), host, role)
			require.NotContains(t, s.seen, host, role)
		}
	}
}

// TestAForgedMarkIsNoWayRound: a name that ends in a dot is looked up as it is.
func TestAForgedMarkIsNoWayRound(t *testing.T) {
	for _, host := range []string{"169.254.169.254.", "fe80--1.ipv6.", "127.0.0.1.", "fd00-ec2--254.ipv6."} {
		var asked string
		next := roundTrip(func(r *http.Request) { asked = r.URL.Host })
		tr := &intranet.Transport{Registry: "registry.test", Next: next}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+host+"/", nil)
		require.NoError(t, err)
		_, err = tr.RoundTrip(req)
		require.NoError(t, err)
		require.Equal(t, host, asked)
	}
}

func TestHostWithoutTheMark(t *testing.T) {
	for marked, want := range map[string]string{
		"10.0.0.1.:5000": "10.0.0.1:5000", "10.0.0.1.": "10.0.0.1", "fd00--2.ipv6.:5000": "[fd00::2]:5000", "fd00--2.ipv6.": "[fd00::2]",
		"registry.test.:5000": "registry.test.:5000", "registry.test": "registry.test", "10.0.0.1": "10.0.0.1",
	} {
		require.Equal(t, want, intranet.Host(&url.URL{Host: marked}))
	}
}

type roundTrip func(*http.Request)

// RoundTrip answers with nothing.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	f(r)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// TestRedirectLimit: ten redirects are followed, an eleventh is not.
func TestRedirectLimit(t *testing.T) {
	for count, want := range map[int]string{0: "", 1: "", 10: "", 11: "stopped after 10 redirects"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if step := len(r.URL.Path) - 1; step < count {
				http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
			}
		}))
		t.Cleanup(server.Close)
		endless := func(*http.Request, []*http.Request) error { return nil } // as the library
		client := &http.Client{CheckRedirect: endless, Transport: &intranet.Transport{Registry: "registry.test", Next: http.DefaultTransport}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		require.NoError(t, err)
		resp, err := client.Do(req)
		if want != "" {
			require.ErrorContains(t, err, want)
			continue
		}
		require.NoError(t, err, count)
		require.NoError(t, resp.Body.Close())
	}
}
