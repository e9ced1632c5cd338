package registry_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/regctl/regctl/pkg/registry"
)

// BenchmarkPull pulls a blob of 128 MiB: for the first time since the registry was
// started, when it is compared with its digest on the way, and again.
func BenchmarkPull(b *testing.B) {
	const size = 128 << 20
	dir := b.TempDir()
	serve := func() *httptest.Server {
		cfg, err := registry.ParseConfig(nil, registry.Files(dir))
		if err != nil {
			b.Fatal(err)
		}
		app, err := registry.NewApp(context.WithoutCancel(b.Context()), cfg)
		if err != nil {
			b.Fatal(err)
		}
		log := slog.New(slog.DiscardHandler)
		return httptest.NewServer(registry.Handler(app, nil, registry.NewMetrics(), registry.NewActivity(time.Now), registry.Access{Log: log}))
	}
	srv := serve()
	layer, err := random.Layer(size, types.OCILayer)
	if err != nil {
		b.Fatal(err)
	}
	repo, err := name.NewRepository(srv.Listener.Addr().String() + "/bench")
	if err != nil {
		b.Fatal(err)
	}
	if err := remote.WriteLayer(repo, layer); err != nil {
		b.Fatal(err)
	}
	srv.Close()
	digest, err := layer.Digest()
	if err != nil {
		b.Fatal(err)
	}
	pull := func(srv *httptest.Server) time.Duration {
		start := time.Now()
		resp, err := http.Get(srv.URL + "/v2/bench/blobs/" + digest.String())
		if err != nil {
			b.Fatal(err)
		}
		defer resp.Body.Close()
		if n, err := io.Copy(io.Discard, resp.Body); err != nil || n < size {
			b.Fatal(n, err)
		}
		return time.Since(start)
	}
	var first, again time.Duration
	for b.Loop() {
		srv := serve()
		first += pull(srv)
		again += pull(srv)
		srv.Close()
	}
	mib := float64(size>>20) * float64(b.N)
	b.ReportMetric(mib/first.Seconds(), "MiB/s-first")
	b.ReportMetric(mib/again.Seconds(), "MiB/s-again")
	b.ReportMetric(first.Seconds()/again.Seconds(), "ratio")
}
