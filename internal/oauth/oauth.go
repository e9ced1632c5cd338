// Package oauth gets a token from an OpenShift cluster for a user name and a
// password, as "oc login" does, and tells OpenShift's registries from others.
//
// Sources: RFC 6749, RFC 7636 (PKCE), RFC 8414 (metadata), and OpenShift's
// documentation of its OAuth server.
package oauth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
	"golang.org/x/oauth2"
)

// ErrRefused is wrapped by the error of a server that refuses the user name or password.
var ErrRefused = errors.New("the cluster refused the user name or password")

// ErrNone is wrapped by the error of a cluster that has no OAuth server: it is not OpenShift.
var ErrNone = errors.New("the cluster has no OAuth server, so a password cannot be exchanged for a token")

// client is the OAuth client of every OpenShift for programs that can answer a challenge.
const client = "openshift-challenging-client"

// Server is an OpenShift cluster.
type Server struct {
	API    string            // URL of the API server
	APIway http.RoundTripper // to the API server
	Way    http.RoundTripper // to the OAuth server, whose certificate may be issued by another CA
	Rand   io.Reader
	Plain  bool // allow the password over plain HTTP
}

// metadata describes the OAuth server of an API server (RFC 8414).
type metadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Challenges    []string `json:"code_challenge_methods_supported"`
	guessed       bool     // the API server has none
}

// Token logs in and returns an access token. The error wraps ErrRefused if the user name or password is wrong.
func (s *Server) Token(ctx context.Context, user, password string) (string, error) {
	if strings.Contains(user, ":") {
		return "", hint.BadUsage(fmt.Errorf("user name %q: a user name cannot contain a colon", user), "")
	}
	m, err := s.metadata(ctx)
	if err != nil {
		return "", err
	}
	conf := oauth2.Config{
		ClientID: client, RedirectURL: m.Issuer + "/oauth/token/implicit",
		Endpoint: oauth2.Endpoint{AuthURL: m.Authorization, TokenURL: m.Token, AuthStyle: oauth2.AuthStyleInHeader},
	}
	w := &flow{server: s, meta: m, user: user, password: password, back: conf.RedirectURL}
	if !slices.Contains(m.Challenges, "S256") { // older servers issue the token directly
		u := conf.AuthCodeURL("", oauth2.SetAuthURLParam("response_type", "token"))
		return w.answer(ctx, u, "access_token")
	}
	verifier, err := s.verifier()
	if err != nil {
		return "", err
	}
	code, err := w.answer(ctx, conf.AuthCodeURL("", oauth2.S256ChallengeOption(verifier)), "code")
	if err != nil {
		return "", err
	}
	way := context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: marked{s.Way}, CheckRedirect: stay})
	token, err := conf.Exchange(way, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return "", exchangeError(m.Token, err)
	}
	return token.AccessToken, nil
}

// verifier returns 32 random bytes, as RFC 7636 advises.
func (s *Server) verifier() (string, error) {
	b := make([]byte, 32)
	_, err := io.ReadFull(s.Rand, b)
	return base64.RawURLEncoding.EncodeToString(b), err
}

// metadata asks the API server for its OAuth server. Older API servers have no such document, and are OAuth servers themselves.
func (s *Server) metadata(ctx context.Context) (*metadata, error) {
	base := strings.TrimRight(s.API, "/")
	resp, err := get(ctx, s.APIway, base+"/.well-known/oauth-authorization-server", nil)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusForbidden, http.StatusUnauthorized:
		return &metadata{Issuer: base, Authorization: base + "/oauth/authorize", Token: base + "/oauth/token", guessed: true}, nil
	default:
		return nil, fmt.Errorf("%s: the API server answered %s", s.API, resp.Status)
	}
	m := &metadata{}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(m); err != nil {
		return nil, hint.Errorf("give the address of the API server, such as https://api.example.com:6443, not of the web console",
			"%s: not an API server: its OAuth metadata is not JSON", s.API)
	}
	for _, address := range []string{m.Issuer, m.Authorization, m.Token} {
		if u, err := url.Parse(address); err != nil || u.Host == "" {
			return nil, fmt.Errorf("%s: invalid address of the OAuth server: %q", s.API, address)
		}
	}
	m.Issuer = strings.TrimRight(m.Issuer, "/")
	return m, nil
}

func exchangeError(at string, err error) error {
	if e, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		return fmt.Errorf("%s: no token for the code: %s", at, cmpText(e.ErrorDescription, e.ErrorCode, e.Response.Status))
	}
	return fmt.Errorf("%s: %w", at, err)
}

// cmpText returns the first text that is not blank.
func cmpText(texts ...string) string {
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" {
			return t
		}
	}
	return ""
}

// marked sends a non-empty X-CSRF-Token, without which OpenShift sends no challenge.
type marked struct{ http.RoundTripper }

// RoundTrip sends the request with the header.
func (m marked) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("X-CSRF-Token", "1")
	return m.RoundTripper.RoundTrip(req)
}

// stay follows no redirect: the caller decides where a request goes.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func get(ctx context.Context, way http.RoundTripper, address string, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := (&http.Client{Transport: marked{way}, CheckRedirect: stay}).Do(req)
	if u, ok := errors.AsType[*url.Error](err); ok {
		return nil, fmt.Errorf("%s: %w", req.URL.Host, u.Err)
	}
	return resp, err
}
