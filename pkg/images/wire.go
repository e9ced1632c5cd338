package images

import (
	"crypto/tls"
	"errors"
	"net/http"
	"sync/atomic"

	"github.com/google/go-containerregistry/pkg/name"
)

// wire sends the requests for one registry over TLS. Plain HTTP is used only
// where it is allowed and the server answers TLS with it. The library decides by
// the name alone (any private address may be plain), which would let whoever
// breaks the TLS connection read the password.
type wire struct {
	registry name.Registry
	inner    http.RoundTripper
	plainOK  bool
	plain    atomic.Bool
}

// RoundTrip sends a request by the scheme that the registry really speaks, and
// presents the answer under the scheme that the library expects of this name.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host != w.registry.RegistryStr() {
		return w.inner.RoundTrip(req)
	}
	resp, err := w.send(req)
	if speaksPlain(err) && w.plainOK && bodyless(req) {
		w.plain.Store(true)
		resp, err = w.send(req)
	}
	if resp != nil {
		resp.Request = inScheme(req, w.registry.Scheme())
	}
	return resp, err
}

func (w *wire) send(req *http.Request) (*http.Response, error) {
	scheme := "https"
	if w.plain.Load() {
		scheme = "http"
	}
	return w.inner.RoundTrip(inScheme(req, scheme))
}

// speaksPlain tells whether a server answered TLS with HTTP. It is http.Client
// that makes http.ErrSchemeMismatch of it, further up.
func speaksPlain(err error) bool {
	var record tls.RecordHeaderError
	return errors.As(err, &record) && string(record.RecordHeader[:]) == "HTTP/"
}

// bodyless tells whether a request may be sent a second time: the first that goes to a registry has no body.
func bodyless(req *http.Request) bool { return req.Body == nil || req.Body == http.NoBody }

func inScheme(req *http.Request, scheme string) *http.Request {
	c := *req
	u := *req.URL
	u.Scheme, c.URL = scheme, &u
	return &c
}
