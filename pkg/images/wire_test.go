package images_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"

	"github.com/regctl/regctl/pkg/images"
	"github.com/stretchr/testify/require"
)

// plain is a registry without TLS, and a client that reaches it by any host name.
func plain(t *testing.T) (*httptest.Server, *images.Client) {
	t.Helper()
	s := httptest.NewServer(distribution(t).real)
	t.Cleanup(s.Close)
	rt := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, s.Listener.Addr().String())
	}}
	c := client()
	c.Transport = func(string) (http.RoundTripper, error) { return rt, nil }
	return s, c
}

func TestPlainHTTP(t *testing.T) {
	for host, insecure := range map[string]bool{"localhost:1": false, "127.0.0.2:1": false, "[::1]:1": false, "10.1.2.3:5000": true, "registry.example.com": true} {
		_, c := plain(t)
		c.Insecure = insecure
		ref, err := images.ParseRef(host + "/demo/app:v1")
		require.NoError(t, err)
		_, err = c.Push(t.Context(), open(t, layoutOf(t, imageFor(t, "linux/amd64"))), ref)
		require.NoError(t, err, host)
		tags, err := c.Tags(t.Context(), ref.Context())
		require.NoError(t, err, host)
		require.Equal(t, []string{"v1"}, tags)
	}
}

// TestPlainHTTPIsNotSilent: the library would try plain HTTP at any private address.
func TestPlainHTTPIsNotSilent(t *testing.T) {
	for _, host := range []string{"10.1.2.3:5000", "192.168.0.7:5000", "registry.example.com", "localhost.example.com:80"} {
		_, c := plain(t)
		ref, err := images.ParseRef(host + "/demo/app:v1")
		require.NoError(t, err)
		_, err = c.Image(t.Context(), ref)
		require.ErrorIs(t, err, http.ErrSchemeMismatch, host)
		require.ErrorContains(t, err, host+": ")
		var failed *images.ConnectionError
		require.ErrorAs(t, err, &failed)
		require.Equal(t, host, failed.Host)
	}
}

func TestNobodyListens(t *testing.T) {
	s := httptest.NewServer(nil)
	s.Close()
	ref, err := images.ParseRef(s.Listener.Addr().String() + "/app:v1")
	require.NoError(t, err)
	_, err = client().Image(t.Context(), ref)
	require.ErrorContains(t, err, "connection refused")
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}
