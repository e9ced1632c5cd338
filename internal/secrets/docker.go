package secrets

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// HubServer is docker's name for Docker Hub in credential files.
const HubServer = "https://index.docker.io/v1/"

// Login is a registry credential.
type Login struct {
	Server   string `json:"-"`
	Username string `json:"username"`
	Password string `json:"password"`
	Email    string `json:"email,omitempty"`
	Auth     string `json:"auth"` // base64 of username:password; filled by Data
}

// Data is the content of a pull secret of one of the two types.
func (l Login) Data(kind string) (Data, error) { return PullData(kind, []Login{l}) }

// PullData is the content of a pull secret for several servers.
func PullData(kind string, logins []Login) (Data, error) {
	entries := map[string]json.RawMessage{}
	for _, l := range logins {
		l.Auth = base64.StdEncoding.EncodeToString([]byte(l.Username + ":" + l.Password))
		entry, err := json.Marshal(l)
		if err != nil {
			return nil, err
		}
		entries[l.Server] = entry
	}
	return writeDocker(kind, entries)
}

func writeDocker(kind string, entries map[string]json.RawMessage) (Data, error) {
	key, form := ".dockercfg", any(entries)
	if kind == DockerConfigJSON {
		key, form = ".dockerconfigjson", map[string]any{"auths": entries}
	}
	content, err := json.Marshal(form)
	return Data{key: content}, err
}

// ConvertDocker makes a pull secret of one of the two types of a credentials file in whatever form.
func ConvertDocker(kind string, content []byte) (Data, error) {
	_, entries, err := parseDocker(content)
	if err != nil {
		return nil, err
	}
	return writeDocker(kind, entries)
}

// dockerData checks the content of a pull secret, and converts it where it has the other type's form.
func dockerData(kind string, d Data) (warnings []string, err error) {
	key := needs()[kind][0]
	old, entries, err := parseDocker(d[key])
	if err != nil {
		return nil, hint.New(fmt.Errorf("%s: %w", key, err), hint.Of(err))
	}
	warnings = unusable(entries)
	if old == (kind == Dockercfg) {
		return warnings, nil
	}
	converted, err := writeDocker(kind, entries)
	if err != nil {
		return nil, err
	}
	d[key] = converted[key]
	return append(warnings, fmt.Sprintf("%s: converted to the format of %s", key, kind)), nil
}

// unusable warns of the servers whose entries are no use to a cluster, beside others that are.
func unusable(entries map[string]json.RawMessage) (warnings []string) {
	for _, server := range slices.Sorted(maps.Keys(entries)) {
		var e struct{ Auth, Username, Password, IdentityToken string }
		_ = json.Unmarshal(entries[server], &e) // checkEntry has read it
		switch {
		case e.IdentityToken != "":
			warnings = append(warnings, server+": an identity token, which clusters cannot use: pods cannot pull from there")
		case e.Auth+e.Username+e.Password == "":
			warnings = append(warnings, server+": no credentials in its entry (a credential helper may store them): pods cannot pull from there")
		}
	}
	return warnings
}

// parseDocker reads a credentials file: docker's config.json and containers' auth.json
// (old false), or the older .dockercfg without "auths" around it (old true).
func parseDocker(content []byte) (old bool, entries map[string]json.RawMessage, err error) {
	var top map[string]json.RawMessage
	if err := json.Unmarshal(content, &top); err != nil || top == nil {
		return false, nil, hint.Errorf("specify Docker's config.json, Podman's auth.json or a .dockercfg", "not a credentials file: not a JSON object")
	}
	auths, wrapped := top["auths"]
	switch {
	case wrapped:
		if err := json.Unmarshal(auths, &entries); err != nil {
			return false, nil, errors.New("not a credentials file: auths is not a JSON object")
		}
	case hasAny(top, "credsStore", "credHelpers", "HttpHeaders", "currentContext"):
	default:
		entries, old = top, true
	}
	empty := 0
	for _, server := range slices.Sorted(maps.Keys(entries)) {
		blank, err := checkEntry(entries[server])
		if err != nil {
			return false, nil, fmt.Errorf("%s: %w", server, err)
		}
		if blank {
			empty++
		}
	}
	if len(entries) == empty {
		return false, nil, noCredentials(top)
	}
	return old, entries, nil
}

func hasAny(m map[string]json.RawMessage, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { _, there := m[key]; return there })
}

// noCredentials explains a file in which there is nothing that a cluster could use.
func noCredentials(top map[string]json.RawMessage) error {
	if hasAny(top, "credsStore", "credHelpers") {
		return hint.Errorf("write the credentials to a separate file: regctl login HOST -u USER --to ./auth.json",
			"no credentials found: a credential helper of this machine stores them, which clusters cannot use")
	}
	return hint.Errorf("regctl login HOST -u USER --to ./auth.json", "no credentials found")
}

// checkEntry checks what a file holds for one server; blank where that is nothing.
func checkEntry(entry json.RawMessage) (blank bool, err error) {
	var e struct {
		Auth, Username, Password, IdentityToken, RegistryToken string
	}
	if err := json.Unmarshal(entry, &e); err != nil || bytes.Equal(bytes.TrimSpace(entry), []byte("null")) {
		return false, errors.New("not a JSON object with the credentials of a server")
	}
	if e.Auth == "" {
		return e.Username+e.Password+e.IdentityToken+e.RegistryToken == "", nil
	}
	text, err := base64.StdEncoding.DecodeString(e.Auth)
	if err != nil {
		return false, errors.New("auth is not base64")
	}
	if !strings.Contains(string(text), ":") {
		return false, errors.New("auth is not USER:PASSWORD in base64")
	}
	return false, nil
}
