package credentials

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/intranet"
	"github.com/regctl/regctl/pkg/loopback"
)

// ErrRefused is wrapped by the error of a registry that does not take the credentials.
var ErrRefused = errors.New("the registry refused the user name or password")

// Check asks the registry whether it takes the credentials: GET /v2/, then what
// its challenge says (Basic, or Bearer with a token server), then /v2/ again. open is true
// where it asks for none, so that the credentials are not proven.
// Plain HTTP is tried only where plain is set or the host is loopback.
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
			return false, fmt.Errorf("%s: it asks for a login, but says not how (no WWW-Authenticate)", host)
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
		return false, fmt.Errorf("%s: it asks for a login by %q, which no container tool can do", host, challenge.Scheme)
	}
	return false, unreachable(host, enter(ctx, challenge.Insecure, reg, auth, via))
}

// ping finds the challenge, and the transport for what follows. The library would
// try HTTP beside HTTPS after a moment; here it is tried only where it is
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
		err = secure.err // without what was said of the other scheme
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

// enter shows the credentials, or the token that they gave, to the registry itself.
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

// unreachable puts the answer into words. What a server that is no registry
// says, such as a page of HTML, is left out.
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
		return hint.NotAllowed(fmt.Errorf("%s: %w", host, ErrRefused), "")
	case http.StatusNotFound:
		return hint.Errorf("check the host and the port", "%s: no registry there: /v2/ is not found", host)
	}
	return fmt.Errorf("%s: the registry answered %d %s", host, e.StatusCode, http.StatusText(e.StatusCode))
}

// watch is a transport that remembers what the last request came to, and may be for one scheme only.
type watch struct {
	next   http.RoundTripper
	scheme string // "" for both
	status int
	err    error
}

func (w *watch) RoundTrip(req *http.Request) (*http.Response, error) {
	if w.scheme != "" && req.URL.Scheme != w.scheme {
		return nil, fmt.Errorf("%s: credentials do not go over %s here", req.URL.Host, req.URL.Scheme)
	}
	resp, err := w.next.RoundTrip(req)
	if w.err = err; err == nil {
		w.status = resp.StatusCode
	}
	return resp, err
}
