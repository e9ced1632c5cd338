package oauth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// flow is one login: from the OAuth server, perhaps through a proxy that knows the
// users, back to the redirect URL, which carries the server's answer.
type flow struct {
	server         *Server
	meta           *metadata
	user, password string
	back           string // the redirect URL; it is never requested

	at     *url.URL
	header http.Header
	shown  bool     // whether the password has been sent
	seen   []string // addresses since then
}

// answer follows redirects until one carries the answer of this name.
func (w *flow) answer(ctx context.Context, address, name string) (string, error) {
	var err error
	if w.at, err = url.Parse(address); err != nil {
		return "", err
	}
	for {
		if err := w.loop(); err != nil {
			return "", err
		}
		resp, err := get(ctx, w.server.Way, w.at.String(), w.header)
		if err != nil {
			return "", err
		}
		value, err := w.step(resp, name)
		resp.Body.Close()
		if value != "" || err != nil {
			return value, err
		}
	}
}

// step reads one response: it has the answer, or leads to the next request.
func (w *flow) step(resp *http.Response, name string) (string, error) {
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		return "", w.challenge(resp)
	case resp.StatusCode >= 300 && resp.StatusCode < 400 && resp.Header.Get("Location") != "":
		to, err := w.at.Parse(resp.Header.Get("Location"))
		if err != nil {
			return "", fmt.Errorf("%s: invalid redirect: %w", w.at.Host, err)
		}
		if w.isBack(to) {
			return read(w.at.Host, to, name)
		}
		if to.Scheme != w.at.Scheme || to.Host != w.at.Host {
			w.header = nil // a password is for one host only
		}
		w.at = to
		return "", nil
	case w.meta.guessed:
		return "", w.none()
	}
	return "", w.unexpected(resp)
}

func (w *flow) none() error {
	return hint.New(fmt.Errorf("%s: %w", w.server.API, ErrNone), "log in with a token: regctl login --server "+w.server.API+" --token TOKEN")
}

func (w *flow) loop() error {
	const most = 20
	now := w.at.String()
	if slices.Contains(w.seen, now) || len(w.seen) >= most {
		return fmt.Errorf("%s: redirect loop: %s", w.at.Host, strings.Join(places(append(w.seen, now)), " → "))
	}
	w.seen = append(w.seen, now)
	return nil
}

// places returns addresses without their queries, which hold secrets.
func places(addresses []string) (all []string) {
	for _, a := range addresses {
		a, _, _ = strings.Cut(a, "?")
		all = append(all, a)
	}
	return all
}

// challenge answers a challenge with the password, once.
func (w *flow) challenge(resp *http.Response) error {
	ways := schemes(resp.Header.Values("WWW-Authenticate"))
	switch {
	case slices.Contains(ways, "basic") && w.shown:
		return hint.NotAllowed(fmt.Errorf("%s: %w", w.at.Host, ErrRefused), "")
	case slices.Contains(ways, "basic") && w.at.Scheme != "https" && !w.server.Plain:
		return fmt.Errorf("%s: refusing to send a password over plain HTTP", w.at.Host)
	case slices.Contains(ways, "basic"):
		w.header = http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(w.user+":"+w.password))}}
		w.shown, w.seen = true, nil // the same addresses may give other answers now
		return nil
	case w.meta.guessed && len(ways) == 0:
		return w.none()
	}
	why := "the OAuth server accepts no password"
	if len(ways) > 0 {
		why += ", only " + strings.Join(ways, " and ")
	}
	if said := text(resp); said != "" {
		why += ": " + said
	}
	return hint.NotAllowed(fmt.Errorf("%s: %s", w.at.Host, why), "get a token at "+w.meta.Issuer+"/oauth/token/request and run: regctl login --token TOKEN")
}

// isBack tells whether an address is the redirect URL. An identity provider on the
// way may use the same parameters for answers of its own.
func (w *flow) isBack(u *url.URL) bool {
	back, err := url.Parse(w.back)
	return err == nil && u.Scheme == back.Scheme && u.Host == back.Host && u.Path == back.Path
}

// read reads the answer: a code in the query, a token in the fragment, an error in either.
func read(host string, u *url.URL, name string) (string, error) {
	query, err := url.ParseQuery(u.RawQuery)
	fragment, worse := url.ParseQuery(u.EscapedFragment())
	if err := errors.Join(err, worse); err != nil {
		return "", fmt.Errorf("%s: unexpected response: malformed parameters", host)
	}
	for _, values := range []url.Values{query, fragment} {
		if values.Get("error") != "" {
			return "", hint.NotAllowed(fmt.Errorf("%s: the cluster refused the login: %s", host, cmpText(values.Get("error_description"), values.Get("error"))), "")
		}
	}
	if value := cmpText(query.Get(name), fragment.Get(name)); value != "" {
		return value, nil
	}
	return "", fmt.Errorf("%s: unexpected response: neither a %s nor an error", host, strings.ReplaceAll(name, "_", " "))
}

func (w *flow) unexpected(resp *http.Response) error {
	err := fmt.Errorf("%s: the OAuth server answered %s", w.at.Host, resp.Status)
	if said := text(resp); said != "" {
		err = fmt.Errorf("%w: %s", err, said)
	}
	return err
}

// text returns the message of a response in one line; a page of HTML is omitted.
func text(resp *http.Response) string {
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if err != nil {
		return ""
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	var said struct {
		Description string `json:"error_description"`
		Error       string `json:"error"`
		Message     string `json:"message"`
	}
	if json.Unmarshal(body, &said) == nil {
		return cmpText(said.Description, said.Error, said.Message)
	}
	if kind == "text/html" || strings.HasPrefix(strings.TrimSpace(string(body)), "<") {
		return ""
	}
	return cmpText(strings.Join(strings.Fields(string(body)), " "), resp.Header.Get("Warning"))
}
