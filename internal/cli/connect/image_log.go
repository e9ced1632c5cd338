package connect

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
)

// logged writes each request to stderr with -vv. It omits queries, in which
// registries and their storage pass secrets, and headers.
func logged(e *cmdutil.Env, rt *http.Transport) http.RoundTripper {
	if rt == nil || e.Level < 2 {
		return rt
	}
	return &requestLog{inner: rt, log: e.Logger(), now: e.Now}
}

type requestLog struct {
	inner http.RoundTripper
	log   *slog.Logger
	now   func() time.Time
}

func (l *requestLog) RoundTrip(req *http.Request) (*http.Response, error) {
	start := l.now()
	resp, err := l.inner.RoundTrip(req)
	about := []any{"method", req.Method, "host", req.URL.Host, "path", req.URL.Path, "ms", l.now().Sub(start).Milliseconds()}
	if err != nil {
		l.log.Debug("request", append(about, "error", err)...)
		return resp, err
	}
	l.log.Debug("request", append(about, "status", resp.StatusCode)...)
	return resp, nil
}
