// Package intranet lets go-containerregistry follow a registry to private IP addresses.
//
// The library refuses a token server, an upload location or a redirect whose host is a private
// address, so that a registry on the Internet cannot send its clients to services of an internal
// network. docker and podman follow, and registries on premises rely on that. The library judges
// the host by its text: here a private address ends in a dot while the library sees it.
// Link-local addresses, where clouds serve the credentials of their machines, stay refused.
//
// The library also follows redirects without a limit; here there is one.
package intranet

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"github.com/regctl/regctl/pkg/loopback"
)

// Transport sends the requests of go-containerregistry for one registry.
type Transport struct {
	Registry string // HOST[:PORT]
	Next     http.RoundTripper
}

// maxRedirects is the limit that net/http has by default, and the library removes.
const maxRedirects = 10

// checkRedirects limits the redirects that led to a request.
func checkRedirects(req *http.Request) error {
	for count := 0; req.Response != nil && req.Response.Request != nil; count++ {
		if count == maxRedirects {
			return fmt.Errorf("stopped after %d redirects", maxRedirects)
		}
		req = req.Response.Request
	}
	return nil
}

// RoundTrip sends a request to the address that its host stands for, and marks
// the private addresses that the answer names.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := checkRedirects(req); err != nil {
		return nil, err
	}
	sent := t.unmark(req)
	resp, err := t.Next.RoundTrip(sent)
	if err != nil {
		return nil, err
	}
	if sent != req {
		resp.Request = req
	}
	if location := resp.Header.Get("Location"); location != "" {
		resp.Header.Set("Location", t.mark(location))
	}
	for i, challenge := range resp.Header["Www-Authenticate"] {
		resp.Header["Www-Authenticate"][i] = realm.ReplaceAllStringFunc(challenge, t.markRealm)
	}
	return resp, nil
}

var realm = regexp.MustCompile(`(?i)\brealm="[^"]*"`)

func (t *Transport) markRealm(parameter string) string {
	name, value, _ := strings.Cut(parameter, `"`)
	return name + `"` + t.mark(strings.TrimSuffix(value, `"`)) + `"`
}

const (
	dot = "."
	v6  = ".ipv6." // a URL takes nothing but an address in brackets
)

// mark returns a URL with the mark on its host where that is a private address. The
// registry's own host stays, since its credentials are for that name.
func (t *Transport) mark(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == t.Registry {
		return raw
	}
	addr, err := netip.ParseAddr(u.Hostname())
	if err != nil || !t.allows(addr) {
		return raw
	}
	marked := addr.String() + dot
	if addr.Is6() {
		marked = strings.ReplaceAll(addr.String(), ":", "-") + v6
	}
	u.Host = withPort(marked, u.Port())
	return u.String()
}

// unmark returns the request for the address itself. A mark that a server has
// forged on another address is left: no resolver knows such a name.
func (t *Transport) unmark(req *http.Request) *http.Request {
	addr, ok := address(req.URL)
	if !ok || !t.allows(addr) {
		return req
	}
	sent, u := *req, *req.URL
	u.Host = Host(req.URL)
	sent.URL, sent.Host = &u, u.Host
	return &sent
}

// address returns the address behind a mark.
func address(u *url.URL) (netip.Addr, bool) {
	host, marked := strings.CutSuffix(u.Hostname(), v6)
	if marked {
		host = strings.ReplaceAll(host, "-", ":")
	} else if host, marked = strings.CutSuffix(host, dot); !marked {
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(host)
	return addr, err == nil
}

// Host returns HOST[:PORT] of a URL without a mark: error messages show it.
func Host(u *url.URL) string {
	addr, ok := address(u)
	switch {
	case !ok:
		return u.Host
	case addr.Is6():
		return withPort("["+addr.String()+"]", u.Port())
	default:
		return withPort(addr.String(), u.Port())
	}
}

func withPort(host, port string) string {
	if port == "" {
		return host
	}
	return host + ":" + port
}

// allows tells whether the registry may send its clients to an address: a private
// one, but none of those from which machines get the credentials of their cloud; this
// machine's own only if the registry is on it too.
func (t *Transport) allows(addr netip.Addr) bool {
	addr = addr.Unmap()
	switch addr.String() {
	case "fd00:ec2::254", "fd20:ce::254": // Amazon, Google
		return false
	}
	return addr.Zone() == "" && (addr.IsPrivate() || addr.IsLoopback() && loopback.Is(t.Registry))
}
