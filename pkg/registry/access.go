package registry

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/felixge/httpsnoop"
)

// Access is the log that gets one record for each request.
type Access struct{ Log *slog.Logger }

// wrap logs each request after it has been answered. Probes are logged at debug level: they come every few seconds.
func (a Access) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := &caller{}
		m := httpsnoop.CaptureMetrics(next, w, r.WithContext(context.WithValue(r.Context(), callerKey{}, who)))
		level := slog.LevelInfo
		ping := r.URL.Path == "/v2/" && m.Code == http.StatusUnauthorized // how each client begins
		if ping || r.URL.Path == "/healthz" || r.URL.Path == "/metrics" {
			level = slog.LevelDebug
		}
		a.Log.Log(r.Context(), level, "request", "method", r.Method, "path", r.URL.Path, "status", m.Code, "bytes", m.Written,
			"ms", float64(m.Duration.Microseconds())/1000, "user", who.name, "remote", r.RemoteAddr, "proto", r.Proto, "agent", r.UserAgent())
	})
}

// caller is filled in by the password check, deeper in the chain than the log that prints it.
type caller struct{ name string }

type callerKey struct{}

func withUser(ctx context.Context, name string) context.Context {
	if who, ok := ctx.Value(callerKey{}).(*caller); ok {
		who.name = name
	}
	return ctx
}
