package serve

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/gofrs/flock"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/registry"
	"golang.org/x/sync/errgroup"
)

// Run serves a registry until ctx ends. Mistakes in the settings are found before
// anything is written, and the port is bound before the user's files change. Run returns
// nil after a shutdown that lost nothing, and ctx's error if transfers were cut off.
func Run(ctx context.Context, s Settings, w World) error {
	if err := s.resolveRoot(w); err != nil {
		return err
	}
	cfg, err := s.resolve(ctx, w.Warn)
	if err != nil {
		return err
	}
	log, err := logger(w, s, cfg)
	if err != nil {
		return err
	}
	if err := s.check(log, w, cfg); err != nil {
		return err
	}
	if err := trustOutgoing(s.CA); err != nil {
		return err
	}
	if s.CA != "" && cfg.Storage.Type() == "azure" { // its SDK has a transport of its own
		w.Warn("--ca does not apply to Azure storage: set SSL_CERT_FILE=%s", s.CA)
	}
	if s.NoTLS && cfg.HTTP.TLS.Certificate != "" {
		w.Warn("--no-tls is ignored: the configuration names a certificate")
		s.NoTLS = false
	}
	ln, err := listen(ctx, cfg.HTTP.Net, "--addr", cfg.HTTP.Addr)
	if err != nil {
		return err
	}
	defer ln.Close()
	var metrics net.Listener
	if s.MetricsAddr != "" {
		if metrics, err = listen(ctx, "tcp", "--metrics-addr", s.MetricsAddr); err != nil {
			return err
		}
		defer metrics.Close()
	}
	r := &run{Settings: s, World: w, cfg: cfg, log: log, addr: boundAddress(cfg.HTTP.Addr, ln)}
	if err := r.canStore(); err != nil {
		return err
	}
	if err := r.prepare(ctx); err != nil {
		return err
	}
	return r.serve(ctx, ln, metrics)
}

// resolveRoot makes the root directory an absolute path, which can be pasted elsewhere.
func (s *Settings) resolveRoot(w World) (err error) {
	if s.Root == "" && !filepath.IsAbs(w.Data) {
		return hint.Errorf("name a directory: regctl serve --root DIR", "HOME is not set: no default for --root")
	}
	if s.Root, err = filepath.Abs(cmp.Or(s.Root, w.Data)); err != nil {
		return err
	}
	if info, err := os.Stat(s.Root); errors.Is(err, syscall.ENOTDIR) || err == nil && !info.IsDir() {
		return hint.BadUsage(fmt.Errorf("--root %q: not a directory", s.Root), "name a directory: regctl serve --root DIR")
	}
	return nil
}

// run is one run of the server.
type run struct {
	Settings
	World
	cfg   *registry.Config
	app   *registry.App
	log   *slog.Logger
	addr  string // that the server listens on, with the actual port
	tls   *tls.Config
	ca    []byte // our own CA; nil if the certificate was given
	users *registry.Users
	login string   // the user whose password was stored for the user of this machine; may be empty
	saved []string // where
	trust []string // trust files
}

// check reads the files that the user has given, before anything is written.
func (s Settings) check(log *slog.Logger, w World, cfg *registry.Config) error {
	if cfg.HTTP.TLS.Certificate != "" {
		if _, err := registry.LoadCertificate(cfg.HTTP.TLS.Certificate, cfg.HTTP.TLS.Key, slog.New(slog.DiscardHandler), w.Now); err != nil {
			return err
		}
	}
	if s.Htpasswd != "" {
		if _, err := registry.OpenUsers(s.Htpasswd, log); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) prepare(ctx context.Context) (err error) {
	if err := (registry.Storage{Kind: r.cfg.Storage.Type(), Parameters: r.cfg.Storage.Parameters()}).Check(ctx, registry.ReadOnly(r.cfg)); err != nil {
		return err
	}
	if err := os.MkdirAll(r.Root, 0o700); err != nil {
		return hint.New(err, "name a writable directory: regctl serve --root DIR")
	}
	defer r.lockRoot(ctx)()
	if err := r.secret(); err != nil {
		return err
	}
	registry.BridgeLogs(r.log)
	if r.app, err = registry.NewApp(ctx, r.cfg); err != nil { // before the user's files change, since it refuses wrong settings
		return err
	}
	if err := r.certificate(); err != nil {
		return err
	}
	if err := r.openUsers(); err != nil {
		return err
	}
	return r.installCA(ctx)
}

// lockRoot waits while another serve sets up the same root: two that create the first
// user at once would each store a password that the other has replaced. On file systems
// without locks it goes on without one.
func (r *run) lockRoot(ctx context.Context) (unlock func()) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	lock := flock.New(filepath.Join(r.Root, ".lock"), flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, 50*time.Millisecond); err != nil {
		r.log.Debug("cannot lock the root directory", "err", err)
	}
	return func() { _ = lock.Close() }
}

func (r *run) serve(ctx context.Context, ln, extra net.Listener) error {
	active, metrics := registry.NewActivity(r.Now), registry.NewMetrics()
	access := registry.Access{Log: r.log}
	if r.cfg.Log.AccessLog.Disabled {
		access.Log = slog.New(slog.DiscardHandler)
	}
	srv := registry.Server{
		Handler: registry.Handler(r.app, r.users, metrics, active, access),
		TLS:     r.tls, Activity: active, Drain: r.cfg.HTTP.DrainTimeout, Log: r.log,
	}
	group, running := errgroup.WithContext(ctx)
	if extra != nil {
		group.Go(func() error { return r.serveMetrics(running, extra, metrics) })
	}
	r.announce()
	if r.tls != nil {
		r.log.Info("listening on " + r.addr + ", tls")
	} else {
		r.log.Info("listening on " + r.addr)
	}
	group.Go(func() error { return r.renew(running) })
	group.Go(func() error { return cmp.Or(srv.Serve(running, ln), errStopped) })
	err := group.Wait()
	switch {
	case errors.Is(err, registry.ErrCutOff): // the exit status is the signal's, unlike that of a shutdown that lost nothing
		err = ctx.Err()
	case errors.Is(err, errStopped):
		err = nil
	default:
		return err
	}
	return cmp.Or(r.app.Shutdown(), err)
}

// errStopped ends the group when the server has stopped on request.
var errStopped = errors.New("stopped")

func (r *run) serveMetrics(ctx context.Context, ln net.Listener, m *registry.Metrics) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Page())
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { srv.Close() })()
	if err := srv.Serve(ln); ctx.Err() == nil {
		return err
	}
	return nil
}

// listen binds the address of a flag. If the port is in use, which is the most common mistake, the hint names the next one.
func listen(ctx context.Context, network, flag, addr string) (net.Listener, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, network, addr)
	host, port, _ := net.SplitHostPort(addr)
	with := func(port string) string {
		return "regctl serve " + flag + " " + hint.Quote(net.JoinHostPort(host, port))
	}
	wrong, _ := errors.AsType[*net.AddrError](err)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		next, _ := strconv.Atoi(port)
		return nil, hint.New(fmt.Errorf("port %s is in use: another program listens on %s", port, addr), with(strconv.Itoa(next+1)))
	case errors.Is(err, syscall.EACCES):
		return nil, hint.New(err, "ports below 1024 require root: "+with("5000"))
	case wrong != nil:
		return nil, hint.BadUsage(fmt.Errorf("%s %s: %s", flag, addr, wrong.Err), with("5000"))
	case err != nil:
		return nil, hint.New(err, "list the addresses of this machine: ip address")
	}
	return ln, nil
}

// boundAddress is the requested address with the actual port (":0" binds any).
func boundAddress(asked string, ln net.Listener) string {
	host, _, _ := net.SplitHostPort(asked)
	if tcp, ok := ln.Addr().(*net.TCPAddr); ok {
		if host == "" {
			return ":" + strconv.Itoa(tcp.Port)
		}
		return net.JoinHostPort(host, strconv.Itoa(tcp.Port))
	}
	return ln.Addr().String()
}
