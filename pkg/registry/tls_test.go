package registry_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/registry"
	"github.com/stretchr/testify/require"
)

// pair makes a certificate and key in dir, signed by a CA made for it.
func pair(t *testing.T, dir, name string) certs.PairFiles {
	t.Helper()
	ca, err := certs.CreateCA(certs.CAFiles{Cert: filepath.Join(dir, name+"-ca.crt"), Key: filepath.Join(dir, name+"-ca.key")}, name, certs.Options{})
	require.NoError(t, err)
	files := certs.PairFiles{Cert: filepath.Join(dir, name+".crt"), Key: filepath.Join(dir, name+".key")}
	_, err = ca.CreateServer(files, []string{"127.0.0.1"}, certs.Options{})
	require.NoError(t, err)
	return files
}

// serial connects and returns the serial number of the certificate that is shown, and the protocol agreed on.
func serial(t *testing.T, addr string) (number, protocol string) {
	t.Helper()
	conn, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}})
	require.NoError(t, err)
	defer conn.Close()
	state := conn.ConnectionState()
	return state.PeerCertificates[0].SerialNumber.String(), state.NegotiatedProtocol
}

func TestRenewedCertificateIsTakenUpWithoutARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := pair(t, dir, "first"), pair(t, dir, "second")
	clock := time.Now()
	cert, err := registry.LoadCertificate(first.Cert, first.Key, slog.New(slog.DiscardHandler), func() time.Time { return clock })
	require.NoError(t, err)
	conf, err := cert.TLSConfig(&registry.Config{})
	require.NoError(t, err)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	srv := registry.Server{Handler: http.NotFoundHandler(), TLS: conf, Activity: registry.NewActivity(time.Now), Log: slog.New(slog.DiscardHandler)}
	go func() { _ = srv.Serve(t.Context(), ln) }()

	before, protocol := serial(t, ln.Addr().String())
	require.Equal(t, "h2", protocol)
	change := func(from, to string) {
		b, err := os.ReadFile(from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(to, b, 0o600))
		clock = clock.Add(2 * time.Second)
		require.NoError(t, os.Chtimes(to, clock, clock))
	}
	change(second.Cert, first.Cert) // one file of two: the pair does not match, the former stays
	same, _ := serial(t, ln.Addr().String())
	require.Equal(t, before, same)
	change(second.Key, first.Key)
	after, _ := serial(t, ln.Addr().String())
	require.NotEqual(t, before, after)
	require.NoError(t, os.Remove(first.Cert)) // as it is for a moment while it is replaced
	clock = clock.Add(2 * time.Second)
	still, _ := serial(t, ln.Addr().String())
	require.Equal(t, after, still)
}

func TestCertificatesThatCannotServe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := pair(t, dir, "a"), pair(t, dir, "b")
	for name, files := range map[string][2]string{"missing": {dir + "/none", a.Key}, "of another key": {a.Cert, b.Key}, "no PEM": {a.Key, a.Cert}} {
		_, err := registry.LoadCertificate(files[0], files[1], slog.New(slog.DiscardHandler), time.Now)
		require.Error(t, err, name)
		require.NotEmpty(t, hint.Of(err), name)
	}
}

func TestTLSSectionOfTheConfiguration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := pair(t, dir, "a")
	cert, err := registry.LoadCertificate(files.Cert, files.Key, slog.New(slog.DiscardHandler), time.Now)
	require.NoError(t, err)
	var cfg registry.Config
	cfg.HTTP.TLS.MinimumTLS, cfg.HTTP.TLS.ClientCAs = "tls1.3", []string{filepath.Join(dir, "a-ca.crt")}
	conf, err := cert.TLSConfig(&cfg)
	require.NoError(t, err)
	require.Equal(t, uint16(tls.VersionTLS13), conf.MinVersion)
	require.Equal(t, tls.RequireAndVerifyClientCert, conf.ClientAuth)
	for _, change := range []func(*registry.Config){
		func(c *registry.Config) { c.HTTP.TLS.MinimumTLS = "tls1.0" },
		func(c *registry.Config) { c.HTTP.TLS.CipherSuites = []string{"TLS_RSA_WITH_RC4_128_SHA"} },
		func(c *registry.Config) { c.HTTP.TLS.ClientCAs = []string{files.Key} },
		func(c *registry.Config) { c.HTTP.TLS.ClientCAs = []string{dir + "/none"} },
		func(c *registry.Config) { c.HTTP.TLS.ClientAuth = "perhaps" },
	} {
		bad := cfg
		change(&bad)
		_, err := cert.TLSConfig(&bad)
		require.Error(t, err)
	}
}

func TestHeadersMustArriveInTime(t *testing.T) {
	t.Parallel()
	host, _ := start(t, registry.Storage{Kind: "inmemory"}, nil)
	conn, err := net.Dial("tcp", host)
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.Write([]byte("GET /v2/ HTTP/1.1\r\nHost:"))
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(time.Minute)))
	_, err = io.ReadAll(conn) // ends when the server hangs up; without a limit the deadline would be an error
	require.NoError(t, err)
}

// TestAChainIsSentInFull, however its file was put together.
func TestAChainIsSentInFull(t *testing.T) {
	t.Parallel()
	files := pair(t, t.TempDir(), "glued")
	chain, err := os.ReadFile(files.Cert)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(files.Cert, bytes.ReplaceAll(chain, []byte("-----\n-----"), []byte("----------")), 0o600))
	cert, err := registry.LoadCertificate(files.Cert, files.Key, slog.New(slog.DiscardHandler), time.Now)
	require.NoError(t, err)
	loaded, err := cert.Get(nil)
	require.NoError(t, err)
	require.Len(t, loaded.Certificate, 2)

	require.NoError(t, os.WriteFile(files.Cert, chain[:len(chain)-100], 0o600))
	_, err = registry.LoadCertificate(files.Cert, files.Key, slog.New(slog.DiscardHandler), time.Now)
	require.ErrorContains(t, err, "CERTIFICATE is truncated")
}
