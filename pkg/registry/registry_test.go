package registry_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/registry"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	registry.BridgeLogs(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// start runs a registry on loopback over plain HTTP and returns its host:port.
// stop ends it as SIGTERM does and returns what Serve returned.
func start(t *testing.T, storage registry.Storage, users *registry.Users, change ...func(*registry.Config)) (host string, stop func() error) {
	t.Helper()
	cfg, err := registry.ParseConfig(nil, storage)
	require.NoError(t, err)
	for _, c := range change {
		c(cfg)
	}
	app, err := registry.NewApp(t.Context(), cfg)
	require.NoError(t, err)
	active := registry.NewActivity(time.Now)
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	srv := registry.Server{
		Handler:  registry.Handler(app, users, registry.NewMetrics(), active, registry.Access{Log: log}),
		Activity: active, Log: log,
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ctx, ln) }()
	var ended bool
	stop = func() error {
		if ended {
			return nil
		}
		ended = true
		cancel()
		return <-done
	}
	t.Cleanup(func() { _ = stop() })
	return ln.Addr().String(), stop
}

func push(t *testing.T, ref string, o ...remote.Option) v1.Image {
	t.Helper()
	img, err := random.Image(10_000, 3)
	require.NoError(t, err)
	r, err := name.ParseReference(ref)
	require.NoError(t, err)
	require.NoError(t, remote.Write(r, img, o...))
	return img
}

func digest(t *testing.T, ref string) (string, error) {
	t.Helper()
	r, err := name.ParseReference(ref)
	require.NoError(t, err)
	d, err := remote.Get(r)
	if err != nil {
		return "", err
	}
	return d.Digest.String(), nil
}

func TestImagesOutliveTheServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	host, stop := start(t, registry.Files(dir), nil)
	img := push(t, host+"/a/b:v1")
	want, err := img.Digest()
	require.NoError(t, err)
	require.NoError(t, stop())

	host, _ = start(t, registry.Files(dir), nil)
	got, err := digest(t, host+"/a/b:v1")
	require.NoError(t, err)
	require.Equal(t, want.String(), got)
	require.DirExists(t, filepath.Join(dir, "docker/registry/v2/repositories/a/b"), "distribution's layout")
}

func TestEmptiedBlobCountsAsMissingAndIsMended(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	host, stop := start(t, registry.Files(dir), nil)
	img := push(t, host+"/a:v1")
	layers, err := img.Layers()
	require.NoError(t, err)
	d, err := layers[0].Digest()
	require.NoError(t, err)
	file := filepath.Join(dir, "docker/registry/v2/blobs/sha256", d.Hex[:2], d.Hex, "data")
	require.NoError(t, stop())
	require.NoError(t, os.Truncate(file, 0)) // what a power cut left of a blob whose data was not synced

	host, _ = start(t, registry.Files(dir), nil)
	resp, err := http.Head("http://" + host + "/v2/a/blobs/" + d.String())
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, http.StatusNotFound, resp.StatusCode)
	ref, err := name.ParseReference(host + "/a:v2") // under a new tag: this client does not look further where the tag is right
	require.NoError(t, err)
	require.NoError(t, remote.Write(ref, img))
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Positive(t, info.Size())
}

func TestReadOnlyRefusesPushes(t *testing.T) {
	t.Parallel()
	host, _ := start(t, registry.Storage{Kind: "inmemory"}, nil, registry.SetReadOnly)
	img, err := random.Image(100, 1)
	require.NoError(t, err)
	ref, err := name.ParseReference(host + "/a:v1")
	require.NoError(t, err)
	require.ErrorContains(t, remote.Write(ref, img), "405")
}

func TestPullThrough(t *testing.T) {
	t.Parallel()
	upstream, _ := start(t, registry.Storage{Kind: "inmemory"}, nil)
	img := push(t, upstream+"/lib/app:v1")
	want, err := img.Digest()
	require.NoError(t, err)
	cache, _ := start(t, registry.Files(t.TempDir()), nil, func(c *registry.Config) { c.Proxy.RemoteURL = "http://" + upstream })
	got, err := digest(t, cache+"/lib/app:v1")
	require.NoError(t, err)
	require.Equal(t, want.String(), got)
}

// slowBody hands out its content only when it is told to.
type slowBody struct {
	first, rest []byte
	sent        chan struct{}
	release     chan struct{}
	step        int
}

func (b *slowBody) Read(p []byte) (int, error) {
	b.step++
	switch b.step {
	case 1:
		return copy(p, b.first), nil
	case 2:
		close(b.sent)
		<-b.release
		return copy(p, b.rest), nil
	}
	return 0, io.EOF
}

func TestShutdownLetsAPushFinish(t *testing.T) {
	t.Parallel()
	host, stop := start(t, registry.Files(t.TempDir()), nil)
	resp, err := http.Post("http://"+host+"/v2/a/blobs/uploads/", "", nil)
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, http.StatusAccepted, resp.StatusCode)
	location := resp.Header.Get("Location")
	require.True(t, strings.HasPrefix(location, "/"), "a relative Location survives any proxy: %s", location)

	body := &slowBody{first: []byte("hello "), rest: []byte("world"), sent: make(chan struct{}), release: make(chan struct{})}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, "http://"+host+location, body)
	require.NoError(t, err)
	patched := make(chan string, 1)
	go func() {
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			patched <- err.Error()
			return
		}
		resp.Body.Close()
		patched <- resp.Header.Get("Location")
	}()
	<-body.sent
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	require.Eventually(t, func() bool {
		resp, err := http.Get("http://" + host + "/healthz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusServiceUnavailable
	}, 10*time.Second, 10*time.Millisecond, "the server says that it is going away")
	close(body.release)
	location = <-patched

	// the last request of the upload comes on a new connection, after the shutdown began
	url := "http://" + host + location + "&digest=sha256:b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
	req, err = http.NewRequestWithContext(t.Context(), http.MethodPut, url, nil)
	require.NoError(t, err)
	resp, err = (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, http.StatusCreated, resp.StatusCode)
	require.NoError(t, <-stopped)
}

func TestUsers(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "htpasswd")
	added, err := registry.AddUser(file, "ann", "secret")
	require.NoError(t, err)
	require.True(t, added)
	users, err := registry.OpenUsers(file, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	host, _ := start(t, registry.Storage{Kind: "inmemory"}, users)

	push(t, host+"/a:v1", remote.WithAuth(&authn.Basic{Username: "ann", Password: "secret"}))
	_, err = digest(t, host+"/a:v1")
	require.ErrorContains(t, err, "UNAUTHORIZED")
	for _, wrong := range [][2]string{{"ann", "wrong"}, {"bob", "secret"}, {"", ""}} {
		require.False(t, users.Check(wrong[0], wrong[1]))
	}

	resp, err := http.Get("http://" + host + "/healthz")
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode, "probes have no password")
	resp, err = http.Get("http://" + host + "/metrics")
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)

	// a changed password is in force at the next request, the former one no longer
	added, err = registry.AddUser(file, "ann", "changed-password")
	require.NoError(t, err)
	require.False(t, added)
	require.NoError(t, os.Chtimes(file, time.Now(), time.Now().Add(time.Second)))
	require.False(t, users.Check("ann", "secret"))
	require.True(t, users.Check("ann", "changed-password"))

	// a file that became bad locks nobody out
	require.NoError(t, os.WriteFile(file, []byte("ann:$apr1$x$y\n"), 0o600))
	require.True(t, users.Check("ann", "changed-password"))
}

func TestMetricsCountByKind(t *testing.T) {
	t.Parallel()
	host, _ := start(t, registry.Storage{Kind: "inmemory"}, nil)
	push(t, host+"/a:v1")
	resp, err := http.Get("http://" + host + "/metrics")
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Contains(t, string(b), `regctl_http_requests_total{code="201",kind="manifests",method="PUT"} 1`)
	require.Contains(t, string(b), `regctl_http_requests_total{code="201",kind="uploads",method="PUT"} 4`)
}

func TestBadSettingsAreErrorsNotPanics(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*registry.Config){
		"unknown driver": func(c *registry.Config) { registry.SetStorage(c, registry.Storage{Kind: "tape"}) },
		"s3 no bucket": func(c *registry.Config) {
			registry.SetStorage(c, registry.Storage{Kind: "s3", Parameters: map[string]any{"region": "us-east-1"}})
		},
		"bad redirect": func(c *registry.Config) { c.Storage["redirect"] = map[string]any{"disable": "maybe"} },
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := registry.ParseConfig(nil, registry.Storage{Kind: "inmemory"})
			require.NoError(t, err)
			change(cfg)
			_, err = registry.NewApp(t.Context(), cfg)
			require.Error(t, err)
			require.NotEmpty(t, hint.Of(err))
		})
	}
}

func TestVariablesOverrideTheConfiguration(t *testing.T) {
	t.Setenv("REGISTRY_STORAGE", "inmemory")
	t.Setenv("REGISTRY_HTTP_ADDR", ":7000")
	t.Setenv("REGISTRY_HTTP_TLS_CERTIFICATE", "/c.crt")
	cfg, err := registry.ParseConfig(nil, registry.Files("/nowhere"))
	require.NoError(t, err)
	require.Equal(t, "inmemory", cfg.Storage.Type())
	require.Equal(t, ":7000", cfg.HTTP.Addr)
	require.Equal(t, "/c.crt", cfg.HTTP.TLS.Certificate)

	cfg, err = registry.ParseConfig([]byte("version: 0.1\nstorage: {filesystem: {rootdirectory: /x}}\n"), registry.Storage{})
	require.NoError(t, err)
	require.Equal(t, "inmemory", cfg.Storage.Type())
	_, err = registry.ParseConfig([]byte("version: 9\n"), registry.Storage{})
	require.Error(t, err)
}

func TestKeysOfS3MayComeFromVariablesBesideAURL(t *testing.T) {
	t.Setenv("REGISTRY_STORAGE_S3_SECRETKEY", "from-variable")
	t.Setenv("REGISTRY_STORAGE_S3_BUCKET", "former")
	cfg, err := registry.ParseConfig(nil, registry.Files("/nowhere"))
	require.NoError(t, err)
	s, err := registry.ParseStorage("s3://bucket?region=eu-west-1")
	require.NoError(t, err)
	registry.SetStorage(cfg, s)
	require.Equal(t, "from-variable", cfg.Storage.Parameters()["secretkey"])
	require.Equal(t, "bucket", cfg.Storage.Parameters()["bucket"])
	registry.SetStorage(cfg, registry.Files("/x"))
	require.Nil(t, cfg.Storage.Parameters()["secretkey"])
}

func TestTwoKindsOfStorageAreRefused(t *testing.T) {
	t.Setenv("REGISTRY_STORAGE_S3_BUCKET", "b")
	_, err := registry.ParseConfig([]byte("version: 0.1\nstorage: {filesystem: {rootdirectory: /x}}\n"), registry.Storage{})
	require.ErrorContains(t, err, "multiple storage drivers")
}

func TestParseStorage(t *testing.T) {
	t.Parallel()
	good := map[string]string{
		"file:///var/lib/x":           "/var/lib/x",
		"memory:":                     "memory (lost when the registry stops)",
		"s3://b/p/q?region=eu-west-1": `s3 bucket b, prefix "p/q"`,
		"s3://b?endpoint=https://127.0.0.1:9&encrypt=true": `s3 bucket b, prefix ""`,
		"azure://c/p/q?account=a&realm=x":                  `azure container c, prefix "p/q"`,
	}
	for raw, want := range good {
		s, err := registry.ParseStorage(raw)
		require.NoError(t, err, raw)
		require.Equal(t, want, s.String())
	}
	for _, raw := range []string{"", "/var/x", "file://host/x", "file:x", "s3:///x?region=r", "s3://b", "s3://k:s@b?region=r",
		"s3://b?region=r&secretkey=x", "s3://b?region=r&colour=red", "tape:", "memory:x", "%zz", "gcs://b",
		"azure://c", "azure:///p?account=a", "azure://k:s@c?account=a", "azure://c?account=a&accountkey=x", "azure://c?account=a&color=red", "azure://c?account=a&redirect=maybe"} {
		_, err := registry.ParseStorage(raw)
		require.Error(t, err, raw)
		require.Equal(t, hint.Usage, hint.CodeOf(err), raw)
		require.NotEmpty(t, hint.Of(err), raw)
		require.NotContains(t, err.Error(), "k:s@")
	}
}

func TestPullsGoToAmazonButNotToAnS3OfOnesOwn(t *testing.T) {
	t.Parallel()
	for raw, disabled := range map[string]bool{
		"s3://b?region=eu-west-1":                                    false,
		"s3://b?region=eu-west-1&redirect=false":                     true,
		"s3://b?endpoint=https://s3.example.com":                     true,
		"s3://b?endpoint=https://s3.example.com&redirect=true":       false,
		"s3://b?endpoint=https://s3.example.com&region=eu-central-9": true,
		"azure://c?account=a":                                        false,
		"azure://c?account=a&endpoint=http://127.0.0.1:1/a":          true,
	} {
		s, err := registry.ParseStorage(raw)
		require.NoError(t, err, raw)
		cfg, err := registry.ParseConfig(nil, registry.Storage{Kind: "inmemory"})
		require.NoError(t, err)
		registry.SetStorage(cfg, s)
		require.Equal(t, disabled, cfg.Storage["redirect"]["disable"], raw)
	}
	_, err := registry.ParseStorage("s3://b?region=r&redirect=maybe")
	require.Error(t, err)
}

func TestAnS3ServerThatCannotBeReachedIsAnErrorAtStart(t *testing.T) {
	t.Setenv("AWS_CA_BUNDLE", "")
	t.Setenv("AWS_ACCESS_KEY_ID", "k")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s")
	unknown := httptest.NewUnstartedServer(http.NotFoundHandler())
	unknown.Config.ErrorLog = log.New(io.Discard, "", 0)
	unknown.StartTLS()
	defer unknown.Close()
	s, err := registry.ParseStorage("s3://b/p?endpoint=" + unknown.URL)
	require.NoError(t, err)
	err = s.Check(t.Context(), false)
	require.ErrorContains(t, err, "storage s3 bucket b at "+unknown.URL)
	require.ErrorContains(t, err, "x509")
	require.Contains(t, hint.Of(err), "--ca")

	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	s, err = registry.ParseStorage("s3://b/p?endpoint=" + gone.URL)
	require.NoError(t, err)
	err = s.Check(t.Context(), false)
	require.ErrorContains(t, err, "connection refused")
	require.NotEmpty(t, hint.Of(err))
}

// TestShutdownAtItsLimitIsAnError: an upload that was begun is cut off.
func TestShutdownAtItsLimitIsAnError(t *testing.T) {
	t.Parallel()
	cfg, err := registry.ParseConfig(nil, registry.Storage{Kind: "inmemory"})
	require.NoError(t, err)
	app, err := registry.NewApp(t.Context(), cfg)
	require.NoError(t, err)
	active := registry.NewActivity(time.Now)
	log := slog.New(slog.DiscardHandler)
	srv := registry.Server{
		Handler: registry.Handler(app, nil, registry.NewMetrics(), active, registry.Access{Log: log}), Activity: active, Log: log, Drain: time.Millisecond,
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ctx, ln) }()
	resp, err := http.Post("http://"+ln.Addr().String()+"/v2/a/blobs/uploads/", "", nil)
	require.NoError(t, err)
	resp.Body.Close()
	cancel()
	require.ErrorIs(t, <-done, registry.ErrCutOff)
}

func TestServerFailsWhereTheListenerDoes(t *testing.T) {
	t.Parallel()
	ln := httptest.NewUnstartedServer(nil).Listener
	require.NoError(t, ln.Close())
	srv := registry.Server{Handler: http.NotFoundHandler(), Activity: registry.NewActivity(time.Now), Log: slog.New(slog.DiscardHandler), TLS: &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, nil }}}
	require.Error(t, srv.Serve(t.Context(), ln))
}

func TestUserNamesAndPasswordsThatCannotWork(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "htpasswd")
	for _, c := range [][2]string{{"", "x"}, {"a:b", "x"}, {"#a", "x"}, {" a", "x"}, {"a\nb", "x"}, {"ann", ""}, {"ann", "two\nlines"}, {"ann", strings.Repeat("x", 73)}} {
		_, err := registry.AddUser(file, c[0], c[1])
		require.Equal(t, hint.Usage, hint.CodeOf(err), "%q", c)
	}
	require.NoFileExists(t, file)
	require.Error(t, registry.RemoveUser(file, "ann"))
}

func FuzzHtpasswd(f *testing.F) {
	f.Add([]byte("ann:$2a$10$abcdefghijklmnopqrstuuhJkLmNoPqRsTuVwXyZ0123456789ab\n"))
	f.Add([]byte("# comment\n\nbob:{SHA}x\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		file := filepath.Join(t.TempDir(), "htpasswd")
		require.NoError(t, os.WriteFile(file, content, 0o600))
		before, err := registry.ListUsers(file)
		if err != nil {
			_, err := registry.AddUser(file, "zoe", "pw")
			after, _ := os.ReadFile(file)
			if err == nil { // only old hashes are in the way
				require.Contains(t, string(after), "zoe:")
				return
			}
			require.Equal(t, content, after, "a file that cannot be read is not changed")
			return
		}
		_, err = registry.AddUser(file, "zoe", "pw")
		require.NoError(t, err)
		after, err := registry.ListUsers(file)
		require.NoError(t, err)
		for _, user := range before {
			require.Contains(t, after, user)
		}
		kept, err := os.ReadFile(file)
		require.NoError(t, err)
		require.True(t, bytes.Contains(kept, []byte("zoe:")))
	})
}
