package credentials_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/regctl/regctl/pkg/credentials"
	"github.com/stretchr/testify/require"
)

// dial is a transport that trusts the server and reaches it by any host name,
// since the name decides what may go over plain HTTP.
func dial(s *httptest.Server) *http.Transport {
	pool := x509.NewCertPool()
	if s.Certificate() != nil {
		pool.AddCert(s.Certificate())
	}
	return &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "example.com"},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, s.Listener.Addr().String())
		},
	}
}

// demand answers 401 with a challenge unless the request has alice's password, or the bearer token.
func demand(challenge, bearer string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, password, basic := r.BasicAuth()
		if basic && password == alice.Password && bearer == "" || bearer != "" && r.Header.Get("Authorization") == "Bearer "+bearer {
			w.WriteHeader(http.StatusOK)
			return
		}
		w.Header().Set("WWW-Authenticate", challenge)
		w.WriteHeader(http.StatusUnauthorized)
	}
}

func serve(t *testing.T, secure bool, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

func TestCheck(t *testing.T) {
	const none, other credentials.Kind = 0, -1 // no error, and one of another type
	wrong := credentials.Credential{Username: "alice", Password: "wrong"}
	tokens := func(realm, bearer string) http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("/v2/", demand(fmt.Sprintf("Bearer realm=%q,service=\"s\"", realm), bearer))
		mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
			if _, password, _ := r.BasicAuth(); password != alice.Password {
				http.Error(w, "no", http.StatusUnauthorized)
				return
			}
			_ = json.NewEncoder(w).Encode(map[string]string{"access_token": "t"})
		})
		return mux
	}
	for name, c := range map[string]struct {
		handler http.Handler
		give    credentials.Credential
		open    bool
		fails   string
		kind    credentials.Kind
	}{
		"basic":              {demand(`Basic realm="x"`, ""), alice, false, "", none},
		"basic, wrong":       {demand(`Basic realm="x"`, ""), wrong, false, "example.com: the registry refused the user name or password", credentials.Refused},
		"bearer":             {tokens("https://example.com/token", "t"), alice, false, "", none},
		"bearer, private":    {tokens("https://10.99.0.2/token", "t"), alice, false, "", none},
		"bearer, metadata":   {tokens("https://169.254.169.254/token", "t"), alice, false, "private or link-local", other},
		"bearer, wrong":      {tokens("https://example.com/token", "t"), wrong, false, "the registry refused", credentials.Refused},
		"token not taken":    {tokens("https://example.com/token", "another"), alice, false, "the registry refused", credentials.Refused},
		"realm without TLS":  {tokens("http://example.com/token", "t"), alice, false, "not allowed for a secure registry", other},
		"no realm":           {demand("Bearer service=\"x\"", "t"), alice, false, "missing realm", other},
		"no login asked":     {http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), alice, true, "", none},
		"unknown challenge":  {demand("Negotiate", "t"), alice, false, `authentication scheme "negotiate"`, other},
		"401 without a word": {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }), alice, false, "no WWW-Authenticate", other},
		"no registry":        {http.NotFoundHandler(), alice, false, "example.com: not a registry: /v2/ not found", credentials.NoRegistry},
		"a page of HTML": {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "<html>router</html>", http.StatusServiceUnavailable)
		}), alice, false, "example.com: the registry answered 503 Service Unavailable", other},
		"redirect to itself": {http.RedirectHandler("/v2/", http.StatusFound), alice, false, "stopped after 10 redirects", other},
		"a body without end": {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			for err := error(nil); err == nil; {
				_, err = w.Write(make([]byte, 1<<16))
			}
		}), alice, false, "example.com: the registry answered 500 Internal Server Error", other},
		"redirect to HTTP": {http.RedirectHandler("http://example.com/v2/", http.StatusFound), alice, false, "refusing to send credentials over http", other},
	} {
		t.Run(name, func(t *testing.T) {
			open, err := credentials.Check(t.Context(), "example.com", c.give, dial(serve(t, true, c.handler)), false)
			require.Equal(t, c.open, open)
			if e, ok := errors.AsType[*credentials.Error](err); ok {
				require.Equal(t, c.kind, e.Kind)
				require.Equal(t, "example.com", e.Name)
			} else {
				require.Equal(t, c.kind == none, err == nil)
				require.Contains(t, []credentials.Kind{none, other}, c.kind)
			}
			if c.fails != "" {
				require.ErrorContains(t, err, c.fails)
				require.NotContains(t, err.Error(), "html")
			}
		})
	}
}

func TestPlainHTTPOnlyWhereAllowed(t *testing.T) {
	var shown atomic.Bool
	s := serve(t, false, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			shown.Store(true)
		}
		demand(`Basic realm="x"`, "")(w, r)
	}))
	for _, host := range []string{"registry.test", "registry.test:5000", "10.0.0.1:5000", "192.168.1.1"} {
		_, err := credentials.Check(t.Context(), host, alice, dial(s), false)
		require.Error(t, err, host)
		require.ErrorAs(t, err, &tls.RecordHeaderError{}, host)
		require.False(t, shown.Load(), host)
	}
	for host, plain := range map[string]bool{"registry.test": true, "localhost:5000": false, "127.0.0.1:5000": false, "[::1]:5000": false} {
		shown.Store(false)
		_, err := credentials.Check(t.Context(), host, alice, dial(s), plain)
		require.NoError(t, err, host)
		require.True(t, shown.Load(), host)
	}
}

func TestAnUnknownCertificateIsNoReasonForHTTP(t *testing.T) {
	s := serve(t, true, demand(`Basic realm="x"`, ""))
	distrusting := dial(s)
	distrusting.TLSClientConfig.RootCAs = x509.NewCertPool()
	_, err := credentials.Check(t.Context(), "127.0.0.1:5000", alice, distrusting, true)
	require.ErrorAs(t, err, &x509.UnknownAuthorityError{})
}

func TestCheckOfAnInvalidHost(t *testing.T) {
	_, err := credentials.Check(t.Context(), "a b", alice, http.DefaultTransport, false)
	require.ErrorContains(t, err, "a b")
}

func TestCheckIsInterrupted(t *testing.T) {
	s := serve(t, true, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := credentials.Check(ctx, "example.com", alice, dial(s), false)
	require.ErrorIs(t, err, context.Canceled)
}
