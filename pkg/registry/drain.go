package registry

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Activity knows whether clients are in the middle of something. A push is many
// requests: cutting the line between two of them fails it as surely as cutting
// one, so a shutdown waits until no request runs, no upload is open and nothing has come for a moment.
type Activity struct {
	mu       sync.Mutex
	running  int
	uploads  map[string]time.Time // open upload sessions, by their id: when they were last written to
	last     time.Time            // when the last request of the registry ended
	draining bool
	now      func() time.Time
}

// NewActivity starts with nothing going on; now is the clock.
func NewActivity(now func() time.Time) *Activity {
	return &Activity{uploads: map[string]time.Time{}, now: now}
}

// Draining tells whether a shutdown is under way.
func (a *Activity) Draining() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.draining
}

func (a *Activity) track(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/v2/") || r.URL.Path == "/v2/" { // probes must not hold a shutdown up
			next.ServeHTTP(w, r)
			return
		}
		a.mu.Lock()
		a.running++
		a.mu.Unlock()
		defer a.ended(r, w)
		next.ServeHTTP(w, r)
	})
}

func (a *Activity) ended(r *http.Request, w http.ResponseWriter) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.running--
	a.last = a.now()
	a.forget()
	session := w.Header().Get("Docker-Upload-UUID")
	switch r.Method {
	case http.MethodPost, http.MethodPatch:
		if session != "" && w.Header().Get("Docker-Content-Digest") == "" {
			a.uploads[session] = a.last
		}
	case http.MethodPut, http.MethodDelete:
		_, session, found := strings.Cut(r.URL.Path, "/blobs/uploads/")
		if found {
			delete(a.uploads, session)
		}
	}
}

// abandoned is how long an upload may rest before nobody is taken to be behind it:
// clients that were killed leave theirs open, and must not hold a shutdown up.
const abandoned = 10 * time.Second

// quiet tells whether nothing is going on: no request and no open upload, and the last request ended a while ago.
func (a *Activity) quiet(while time.Duration) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.forget()
	return a.running == 0 && len(a.uploads) == 0 && a.now().Sub(a.last) >= while
}

// forget drops the abandoned uploads.
func (a *Activity) forget() {
	for session, touched := range a.uploads {
		if a.now().Sub(touched) > abandoned {
			delete(a.uploads, session)
		}
	}
}

// drain waits until it is quiet, or ctx ends. It returns whether it was quiet.
func (a *Activity) drain(ctx context.Context, while time.Duration) bool {
	a.mu.Lock()
	a.draining = true
	a.mu.Unlock()
	tick := time.NewTicker(while / 10)
	defer tick.Stop()
	for !a.quiet(while) {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return true
}
