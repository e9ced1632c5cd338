package images

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// sessions records which uploads are unfinished. The library leaves them when a
// push is canceled, and their data takes up space until the registry purges them.
type sessions struct {
	inner http.RoundTripper
	mu    sync.Mutex
	open  map[string]*url.URL // path of an upload → where it goes on
}

func (s *sessions) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := s.inner.RoundTrip(req)
	if err == nil {
		s.note(req, resp)
	}
	return resp, err
}

func (s *sessions) note(req *http.Request, resp *http.Response) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch resp.StatusCode {
	case http.StatusCreated:
		delete(s.open, req.URL.Path)
	case http.StatusAccepted:
		at, err := resp.Location()
		if err != nil || req.Method == http.MethodDelete {
			return
		}
		delete(s.open, req.URL.Path)
		if at.Host == req.URL.Host { // credentials go nowhere else
			s.open[at.Path] = at
		}
	}
}

// take returns the open uploads and forgets them.
func (s *sessions) take() []*url.URL {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*url.URL
	for path, at := range s.open {
		list = append(list, at)
		delete(s.open, path)
	}
	return list
}

// abandon cancels unfinished uploads, also after an interrupt. It is best effort: a
// failure changes nothing for the user.
func (e *endpoint) abandon(ctx context.Context, repo name.Repository) {
	open := e.sessions.take()
	if len(open) == 0 {
		return
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	client, err := e.authorized(ctx, repo, transport.DeleteScope)
	if err != nil {
		return
	}
	for _, at := range open {
		giveUp(ctx, client, at)
	}
}

// giveUp deletes an upload until the registry reports it as gone: the registry may
// still process the last request, whose connection has just closed. Its state is read
// first, since some registries require the offset of the data that has arrived.
func giveUp(ctx context.Context, client *http.Client, at *url.URL) {
	for try := 0; try < 5; try++ {
		status, now := ask(ctx, client, http.MethodGet, at)
		if status == http.StatusNotFound || (status == 0 || status >= 300) && try > 0 {
			return
		}
		if now != nil && now.Host == at.Host {
			at = now
		}
		ask(ctx, client, http.MethodDelete, at)
		select {
		case <-ctx.Done():
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// ask returns the status of the answer, 0 where there is none, and its Location.
func ask(ctx context.Context, client *http.Client, method string, at *url.URL) (int, *url.URL) {
	req, err := http.NewRequestWithContext(ctx, method, at.String(), nil)
	if err != nil {
		return 0, nil
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	where, err := resp.Location()
	if err != nil {
		return resp.StatusCode, nil
	}
	return resp.StatusCode, where
}
