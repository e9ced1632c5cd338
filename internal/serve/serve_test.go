package serve

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/registry"
	"github.com/stretchr/testify/require"
)

// output is what a run has printed so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// machine is a World with a home directory of its own.
func machine(t *testing.T) (World, *output) {
	t.Helper()
	home, out := t.TempDir(), &output{}
	say := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }
	env := map[string]string{"HOME": home, "XDG_RUNTIME_DIR": filepath.Join(home, "run")}
	return World{
		User: credentials.Env{Getenv: func(name string) string { return env[name] }, UID: 1000}, Data: filepath.Join(home, "data"),
		Program: "regctl", Now: time.Now, Rand: strings.NewReader(strings.Repeat("0123456789abcdef", 1000)), Log: out,
		Say: say, Warn: func(format string, args ...any) { say("warning: "+format, args...) },
		Trust: func(context.Context, []string, []byte, string) ([]string, error) { return nil, nil },
	}, out
}

// started runs a registry until the test stops it, and returns its address.
func started(t *testing.T, s Settings, w World, out *output) (addr string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, s, w) }()
	const listening = "listening on "
	require.Eventually(t, func() bool { return strings.Contains(out.String(), listening) || len(done) > 0 }, 30*time.Second, 5*time.Millisecond)
	require.Empty(t, done, "%s", out)
	_, line, _ := strings.Cut(out.String(), listening)
	addr, _, _ = strings.Cut(line, "\"")
	addr, _, _ = strings.Cut(addr, ",")
	return addr, func() error { cancel(); return <-done }
}

func TestFirstUserIsLoggedIn(t *testing.T) {
	w, out := machine(t)
	addr, stop := started(t, Settings{Addr: "127.0.0.1:0", Trust: "user"}, w, out)
	ca, err := os.ReadFile(filepath.Join(w.Data, "ca", "ca.crt"))
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(ca))
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true}}
	_, port, err := net.SplitHostPort(addr)
	require.NoError(t, err)
	login, _, found, err := credentials.Lookup(w.User, "localhost:"+port)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, "admin", login.Username)
	for password, want := range map[string]int{login.Password: http.StatusOK, "wrong": http.StatusUnauthorized, "": http.StatusUnauthorized} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://localhost:"+port+"/v2/", http.NoBody)
		require.NoError(t, err)
		req.SetBasicAuth("admin", password)
		resp, err := client.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, want, resp.StatusCode)
	}
	require.NoError(t, stop(), "a shutdown that lost nothing is not an error")
	require.Contains(t, out.String(), "Login      admin, saved in ")
	require.NotContains(t, out.String(), login.Password)
}

// TestShutdownThatCutsOffIsTheSignals: the exit status tells that clients lost something.
func TestShutdownThatCutsOffIsTheSignals(t *testing.T) {
	t.Setenv("REGISTRY_HTTP_DRAINTIMEOUT", "1ms")
	w, out := machine(t)
	addr, stop := started(t, Settings{Addr: "127.0.0.1:0", NoTLS: true, Auth: "none", Storage: "memory:"}, w, out)
	resp, err := http.Post("http://"+addr+"/v2/a/blobs/uploads/", "", http.NoBody)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.ErrorIs(t, stop(), context.Canceled)
}

// TestMistakesAreFoundBeforeAnythingIsWritten: each has a hint, and nothing is left behind.
func TestMistakesAreFoundBeforeAnythingIsWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte("x"), 0o600))
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for want, s := range map[string]Settings{
		`--addr "nowhere": must be HOST:PORT or :PORT`:             {Addr: "nowhere"},
		`--addr "localhost:abc": port must be between 0 and 65535`: {Addr: "localhost:abc"},
		`--metrics-addr ":-1": port must be between 0 and 65535`:   {MetricsAddr: ":-1"},
		`--root "` + file + `": not a directory`:                   {Root: file},
		`--root "` + file + `/x": not a directory`:                 {Root: file + "/x"},
		"is in use: another program listens":                       {Addr: taken.Addr().String()},
		"a certificate requires its key":                           {TLSCert: file},
		"--no-tls and --tls-cert cannot be used together":          {TLSCert: file, TLSKey: file, NoTLS: true},
		"passwords and images would cross the network unencrypted": {NoTLS: true, Addr: "0.0.0.0:0"},
		"--auth none and --htpasswd cannot be used together":       {Auth: "none", Htpasswd: file},
		"no user name and hash":                                    {Htpasswd: file},
		"--proxy: must be a URL":                                   {Proxy: "registry-1.docker.io"},
		"credentials are not accepted in the URL":                  {Proxy: "https://ann:hunter2@example.com"},
		`storage "tape://x": unknown kind "tape"`:                  {Storage: "tape://x"},
		"--ca: " + file: {CA: file},
		"certificate " + file + " with key " + file: {TLSCert: file, TLSKey: file},
	} {
		t.Run(want, func(t *testing.T) {
			w, out := machine(t)
			err := Run(t.Context(), s, w)
			require.ErrorContains(t, err, want)
			require.NotContains(t, err.Error(), "hunter2")
			if want != "--auth none and --htpasswd cannot be used together" && want != "--no-tls and --tls-cert cannot be used together" {
				require.NotEmpty(t, hint.Of(err))
			}
			require.NoDirExists(t, w.Data)
			require.Empty(t, out.String())
		})
	}
}

// TestNetworkOfTheConfiguration: tcp6 is used, a kind without HOST:PORT is refused.
func TestNetworkOfTheConfiguration(t *testing.T) {
	t.Setenv("REGISTRY_HTTP_NET", "tcp6")
	w, _ := machine(t)
	s := Settings{Addr: "[::1]:0", Root: w.Data}
	cfg, err := s.resolve(t.Context(), func(format string, args ...any) { t.Errorf(format, args...) })
	require.NoError(t, err)
	require.Equal(t, "tcp6", cfg.HTTP.Net)
	t.Setenv("REGISTRY_HTTP_NET", "unix")
	_, err = s.resolve(t.Context(), w.Warn)
	require.ErrorContains(t, err, `http.net: "unix" is not supported`)
}

func TestBoundAddress(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	_, port, err := net.SplitHostPort(ln.Addr().String())
	require.NoError(t, err)
	for asked, want := range map[string]string{":0": ":" + port, "localhost:0": "localhost:" + port, "[::1]:0": "[::1]:" + port} {
		require.Equal(t, want, boundAddress(asked, ln))
	}
}

func TestLoggerFollowsTheConfiguration(t *testing.T) {
	t.Parallel()
	for yml, want := range map[string]string{"level: warn": "", "level: info": "level=INFO msg=hello\n", "formatter: json": `"msg":"hello"}`, "formatter: logstash": `"msg":"hello"}`} {
		cfg, err := registry.ParseConfig([]byte("version: 0.1\nstorage: {inmemory: {}}\nlog: {"+yml+"}\n"), registry.Storage{})
		require.NoError(t, err)
		out := &output{}
		log, err := logger(World{Log: out}, Settings{}, cfg)
		require.NoError(t, err)
		log.Info("hello")
		require.True(t, strings.HasSuffix(strings.TrimSuffix(out.String(), "\n"), strings.TrimSuffix(want, "\n")), "%s: %s", yml, out)
		require.Equal(t, want == "", out.String() == "", yml)
	}
}
