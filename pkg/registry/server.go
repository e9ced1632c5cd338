package registry

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Server serves a registry's handler on a listener.
type Server struct {
	Handler  http.Handler
	TLS      *tls.Config   // nil: plain HTTP
	Activity *Activity     // that the handler reports to
	Drain    time.Duration // how long a shutdown waits for transfers; 0 is half a minute
	Log      *slog.Logger
}

// settle is how long a registry must be idle before it stops: the pause that clients
// make between two requests of one push is well below it.
const settle = time.Second

// ErrCutOff is the error of Serve when a shutdown reached its limit before the transfers had finished.
var ErrCutOff = errors.New("transfers cut off")

// Serve answers on ln until ctx ends; then it lets running pulls and pushes
// finish, for Drain at most, and returns nil. HTTP/2 is used over TLS.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	srv := &http.Server{
		Handler: s.Handler, TLSConfig: s.TLS,
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug), // aborted handshakes of scanners
	}
	failed := make(chan error, 1)
	go func() {
		if s.TLS != nil {
			failed <- srv.ServeTLS(ln, "", "")
		} else {
			failed <- srv.Serve(ln)
		}
	}()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	return s.stop(context.WithoutCancel(ctx), srv)
}

func (s *Server) stop(ctx context.Context, srv *http.Server) error {
	limit := s.Drain
	if limit == 0 {
		limit = 30 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	s.Log.Info("shutting down: waiting for transfers to finish", "limit", limit)
	finished := s.Activity.drain(ctx, settle)
	err := srv.Shutdown(ctx)
	if !finished || errors.Is(err, context.DeadlineExceeded) {
		s.Log.Warn("transfers cut off: they took longer than the drain limit", "limit", limit)
		err = errors.Join(ErrCutOff, srv.Close())
	}
	s.Log.Info("shutdown complete")
	return err
}
