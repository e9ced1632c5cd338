package credentials

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/regctl/regctl/pkg/intranet"
	"github.com/regctl/regctl/pkg/loopback"
)

// Check asks the registry to accept the credentials: GET /v2/, then what its challenge
// requires (Basic, or Bearer with a token server), then /v2/ again. open is true
// where the registry requires none, so that the credentials are not verified.
// Plain HTTP is tried only if plain is set or the host is loopback.
func Check(ctx context.Context, host string, c Credential, t http.RoundTripper, plain bool) (open bool, err error) {
	challenge, via, err := ping(ctx, host, &intranet.Transport{Registry: host, Next: t}, plain || loopback.Is(host))
	if err != nil {
		return false, unreachable(host, err)
	}
	reg, err := name.NewRegistry(host)
	if err != nil {
		return false, err
	}
	auth := authn.FromConfig(authn.AuthConfig{Username: c.Username, Password: c.Password, IdentityToken: c.IdentityToken})
	switch strings.ToLower(challenge.Scheme) {
	case "":
		if via.status == http.StatusUnauthorized {
			return false, fmt.Errorf("%s: the registry requires a login but sends no WWW-Authenticate header", host)
		}
		return true, nil
	case "bearer":
		token, err := transport.Exchange(ctx, reg, auth, via, nil, challenge)
		if err != nil {
			return false, unreachable(host, err)
		}
		auth = authn.FromConfig(authn.AuthConfig{RegistryToken: cmp.Or(token.Token, token.AccessToken)})
	case "basic":
	default:
		return false, fmt.Errorf("%s: the registry requires authentication scheme %q, which is not supported", host, challenge.Scheme)
	}
	return false, unreachable(host, enter(ctx, challenge.Insecure, reg, auth, via))
}

// ping finds the challenge, and the transport for the next requests. The library would
// try HTTP beside HTTPS after a moment; here it is tried only if it is
// allowed and the server does not speak TLS at all.
func ping(ctx context.Context, host string, t http.RoundTripper, plain bool) (*transport.Challenge, *watch, error) {
	reg, err := name.NewRegistry(host)
	if err != nil {
		return nil, nil, err
	}
	secure := &watch{next: t, scheme: "https"}
	challenge, err := transport.Ping(ctx, reg, secure)
	if err == nil || ctx.Err() != nil {
		return challenge, secure, err
	}
	if secure.err != nil {
		err = secure.err // without the error of the other scheme
	}
	if !plain || !speaksHTTP(err) {
		return nil, nil, err
	}
	if reg, err = name.NewRegistry(host, name.Insecure); err != nil {
		return nil, nil, err
	}
	open := &watch{next: t, scheme: "http"}
	challenge, err = transport.Ping(ctx, reg, open)
	return challenge, &watch{next: t, status: open.status}, err // a token server may speak TLS
}

func speaksHTTP(err error) bool {
	e, ok := errors.AsType[tls.RecordHeaderError](err)
	return ok && string(e.RecordHeader[:]) == "HTTP/"
}

// enter sends the credentials, or the token that they gave, to the registry itself.
func enter(ctx context.Context, plain bool, reg name.Registry, auth authn.Authenticator, t http.RoundTripper) error {
	scheme := "https"
	if plain {
		scheme = "http"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+reg.RegistryStr()+"/v2/", nil)
	if err != nil {
		return err
	}
	conf, err := authn.Authorization(ctx, auth)
	if err != nil {
		return err
	}
	if conf.RegistryToken != "" {
		req.Header.Set("Authorization", "Bearer "+conf.RegistryToken)
	} else {
		req.SetBasicAuth(conf.Username, conf.Password)
	}
	resp, err := (&http.Client{Transport: t}).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return transport.CheckError(resp, http.StatusOK)
}

// unreachable describes the answer. The body of a server that is not a registry,
// such as a page of HTML, is omitted.
func unreachable(host string, err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*transport.Error](err)
	if !ok {
		return fmt.Errorf("%s: %w", host, err)
	}
	switch e.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return errorf(Refused, host, "%s: %w", host, ErrRefused)
	case http.StatusNotFound:
		return errorf(NoRegistry, host, "%s: not a registry: /v2/ not found", host)
	}
	return fmt.Errorf("%s: the registry answered %d %s", host, e.StatusCode, http.StatusText(e.StatusCode))
}

// The library reads each answer to its end to reuse the connection, even one that
// does not end: this much is read of a token and of an error, of which the library takes no more.
const (
	maxAnswer      = 1 << 20
	maxErrorAnswer = 1 << 16
)

// shortened is a body with a limit.
type shortened struct {
	io.Reader
	io.Closer
}

// watch is a transport that remembers the result of the last request, and may be for one scheme only.
type watch struct {
	next   http.RoundTripper
	scheme string // "" for both
	status int
	err    error
}

func (w *watch) RoundTrip(req *http.Request) (*http.Response, error) {
	if w.scheme != "" && req.URL.Scheme != w.scheme {
		return nil, fmt.Errorf("%s: refusing to send credentials over %s", req.URL.Host, req.URL.Scheme)
	}
	resp, err := w.next.RoundTrip(req)
	if w.err = err; err == nil {
		w.status = resp.StatusCode
		limit := int64(maxAnswer)
		if w.status >= http.StatusBadRequest {
			limit = maxErrorAnswer
		}
		resp.Body = shortened{io.LimitReader(resp.Body, limit), resp.Body}
	}
	return resp, err
}
