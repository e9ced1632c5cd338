package credentials

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"unicode"
	"unicode/utf8"

	docker "github.com/docker/cli/cli/config/credentials"
	"github.com/docker/cli/cli/config/types"
)

// helper is a program docker-credential-NAME and the file that names it. Docker's library talks to it.
type helper struct{ name, file string }

func (h helper) program() string { return "docker-credential-" + h.name }

// String names the helper for people.
func (h helper) String() string { return h.program() + " (the helper that " + h.file + " names)" }

func (h helper) installed() bool {
	_, err := exec.LookPath(h.program())
	return err == nil
}

// check returns an error where the program is not installed, or cannot store the credential:
// its protocol is JSON, which has no bytes outside UTF-8.
func (h helper) check(c Credential) error {
	if !h.installed() {
		return &Error{Kind: HelperMissing, Name: h.program(), File: h.file, Err: fmt.Errorf("%s names the credential helper %s, which is not on the PATH", h.file, h.program())}
	}
	if !utf8.ValidString(c.Password + c.IdentityToken) {
		return errorf(HelperNeedsUTF8, h.program(), "%s: a credential helper cannot store a password that is not valid UTF-8", h.program())
	}
	return nil
}

func (h helper) native() docker.Store { return docker.NewNativeStore(noFile{}, h.name) }

func (h helper) store(keys []string, c Credential) error {
	var errs []error
	for _, key := range keys {
		err := h.native().Store(types.AuthConfig{ServerAddress: key, Username: c.Username, Password: c.Password, IdentityToken: c.IdentityToken})
		errs = append(errs, h.explain(err, c.Password, c.IdentityToken))
	}
	return errors.Join(errs...)
}

// get asks for a credential; found is false where the helper has none.
func (h helper) get(server string) (c Credential, found bool, err error) {
	if err := h.check(c); err != nil {
		return c, false, err
	}
	a, err := h.native().Get(server)
	return Credential{a.Username, a.Password, a.IdentityToken}, err == nil && a.Password+a.IdentityToken != "", h.explain(err)
}

// knows returns those of the keys that the helper has credentials for. regctl's own helper is not
// asked, since it would issue a token. A missing one matters only where the file lists the host.
func (h helper) knows(keys []string, listed, own bool) (known []string, err error) {
	switch {
	case own && h.installed():
		return keys[:1], nil
	case own || !listed && !h.installed():
		return nil, nil
	}
	for _, key := range keys {
		_, found, err := h.get(key)
		if err != nil {
			return nil, err
		}
		if found {
			known = append(known, key)
		}
	}
	return known, nil
}

func (h helper) erase(keys []string) error {
	var errs []error
	for _, key := range keys {
		errs = append(errs, h.explain(h.native().Erase(key)))
	}
	return errors.Join(errs...)
}

// explain names the helper, and keeps the secrets out of its output, which may repeat its input.
func (h helper) explain(err error, secrets ...string) error {
	if err == nil {
		return nil
	}
	said := err.Error()
	for _, secret := range secrets {
		if secret != "" {
			said = strings.ReplaceAll(said, secret, "***")
		}
		for _, word := range strings.FieldsFunc(secret, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if len(word) > 3 { // of a password that is quoted, in whatever way
				said = strings.ReplaceAll(said, word, "***")
			}
		}
	}
	return errorf(HelperFailed, h.program(), "%s: %s", h.program(), said)
}

// noFile stands for the file that docker's library would edit beside a helper: regctl edits it itself.
type noFile struct{}

// Save does nothing.
func (noFile) Save() error { return nil }

// GetAuthConfigs returns no entries.
func (noFile) GetAuthConfigs() map[string]types.AuthConfig { return map[string]types.AuthConfig{} }

// GetFilename returns no name.
func (noFile) GetFilename() string { return "" }
