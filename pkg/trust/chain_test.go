package trust

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func direct(*http.Request) (*url.URL, error) { return nil, nil }

// tunnel is a proxy that connects every CONNECT to addr and counts them; "" refuses them.
func tunnel(addr string, count *int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*count++
		if addr == "" || r.Method != http.MethodConnect {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		to, err := new(net.Dialer).DialContext(context.Background(), "tcp", addr)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		from, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(to, from); to.Close() }()
		_, _ = io.Copy(from, to)
		from.Close()
	})
}

func TestPresented(t *testing.T) {
	requests := 0
	registry := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests++ }))
	registry.Config.ErrorLog = log.New(io.Discard, "", 0)
	registry.StartTLS()
	defer registry.Close()
	addr := registry.Listener.Addr().String()
	shown, err := Presented(t.Context(), direct, host(t, addr)[0])
	require.NoError(t, err)
	require.True(t, shown[0].Equal(registry.Certificate()))

	// a registry whose name only the proxy can resolve
	count := 0
	proxy := httptest.NewServer(tunnel(addr, &count))
	defer proxy.Close()
	via, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	inside := host(t, "registry.test:5000")[0]
	shown, err = Presented(t.Context(), http.ProxyURL(via), inside)
	require.NoError(t, err)
	require.True(t, shown[0].Equal(registry.Certificate()))
	require.Equal(t, 1, count)

	closed := httptest.NewServer(tunnel("", &count))
	defer closed.Close()
	via, err = url.Parse(strings.Replace(closed.URL, "http://", "http://me:secret@", 1))
	require.NoError(t, err)
	_, err = Presented(t.Context(), http.ProxyURL(via), inside)
	require.EqualError(t, err, "registry.test:5000: proxy "+via.Redacted()+": Forbidden")

	// the certificate of a proxy is verified: it may be sent a password
	secured := httptest.NewUnstartedServer(tunnel(addr, &count))
	secured.Config.ErrorLog = log.New(io.Discard, "", 0)
	secured.StartTLS()
	defer secured.Close()
	via, err = url.Parse(secured.URL)
	require.NoError(t, err)
	before := count
	_, err = Presented(t.Context(), http.ProxyURL(via), inside)
	require.ErrorContains(t, err, "certificate")
	require.Equal(t, before, count)
}

func TestPresentedSaysWhatFailed(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	h := host(t, plain.Listener.Addr().String())[0]
	_, err := Presented(t.Context(), direct, h)
	require.ErrorIs(t, err, ErrNotTLS)
	plain.Close()
	_, err = Presented(t.Context(), direct, h)
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	require.EqualError(t, err, h.String()+": connect: connection refused")
	var unreachable *UnreachableError
	require.ErrorAs(t, err, &unreachable)

	strict := httptest.NewUnstartedServer(http.NotFoundHandler())
	strict.Config.ErrorLog = log.New(io.Discard, "", 0)
	strict.TLS = &tls.Config{MinVersion: tls.VersionTLS13, CurvePreferences: []tls.CurveID{tls.CurveP521}, ClientAuth: tls.RequireAnyClientCert}
	strict.StartTLS()
	defer strict.Close()
	shown, err := Presented(t.Context(), direct, host(t, strict.Listener.Addr().String())[0])
	require.NoError(t, err, "a client certificate is not needed to see the server's")
	require.NotEmpty(t, shown)
}
