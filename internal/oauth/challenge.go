package oauth

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
)

// schemes lists the ways to log in that WWW-Authenticate headers offer, in lower
// case: "Negotiate, Basic realm=\"openshift\"" offers two (RFC 9110, 11.6.1).
func schemes(headers []string) (all []string) {
	for _, h := range headers {
		for _, part := range commas(h) {
			word, rest, _ := strings.Cut(strings.TrimSpace(part), " ")
			if word != "" && !strings.Contains(word, "=") && !strings.HasPrefix(strings.TrimSpace(rest), "=") {
				all = append(all, strings.ToLower(word))
			}
		}
	}
	return all
}

// commas splits a header at the commas outside of quotes.
func commas(header string) (parts []string) {
	var quoted, escaped bool
	start := 0
	for i, c := range []byte(header) {
		switch {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			parts = append(parts, header[start:i])
			start = i + 1
		}
	}
	return append(parts, header[start:])
}

// IsRegistry asks a registry ("host" or "host:port") whether it is OpenShift's own:
// such a registry sends clients to its /openshift/token, accepts tokens only, and stores
// images as <project>/<name>. No secret is sent. It returns false if the answer is unclear or missing.
func IsRegistry(ctx context.Context, way http.RoundTripper, host string) bool {
	resp, err := get(ctx, way, "https://"+host+"/v2/", nil)
	if record, ok := errors.AsType[tls.RecordHeaderError](err); ok && string(record.RecordHeader[:]) == "HTTP/" || errors.Is(err, http.ErrSchemeMismatch) {
		resp, err = get(ctx, way, "http://"+host+"/v2/", nil)
	}
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusUnauthorized && tokenRealm(resp.Header.Values("WWW-Authenticate"))
}

// tokenRealm tells whether a challenge is that of OpenShift's registry.
func tokenRealm(headers []string) bool {
	for _, h := range headers {
		for _, part := range commas(h) {
			name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
			_, bare, spaced := strings.Cut(strings.TrimSpace(name), " ")
			if spaced {
				name = bare
			}
			if ok && strings.EqualFold(strings.TrimSpace(name), "realm") && strings.HasSuffix(strings.Trim(strings.TrimSpace(value), `"`), "/openshift/token") {
				return true
			}
		}
	}
	return false
}

// LooksLikeToken tells whether a password is really a token of a cluster:
// sha256~…, a service account's JWT, or the 43 characters of OpenShift before 4.6.
func LooksLikeToken(password string) bool {
	if strings.HasPrefix(password, "sha256~") {
		return true
	}
	if parts := strings.Split(password, "."); len(parts) == 3 && strings.HasPrefix(password, "eyJ") {
		return true
	}
	return len(password) == 43 && strings.Trim(password, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
}
