package credentials

import (
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"strings"

	"github.com/docker/docker-credential-helpers/client"
	"github.com/docker/docker-credential-helpers/credentials"
	"github.com/regctl/regctl/pkg/hint"
)

// tokenUser is the user name by which a helper knows an identity token.
const tokenUser = "<token>"

// helper is a program docker-credential-NAME and the file that names it.
type helper struct{ name, file string }

func (h helper) program() string { return "docker-credential-" + h.name }

// String names the helper for people.
func (h helper) String() string { return h.program() + " (the helper that " + h.file + " names)" }

func (h helper) installed() bool {
	_, err := exec.LookPath(h.program())
	return err == nil
}

// check is an error with advice where the program is not installed.
func (h helper) check() error {
	if !h.installed() {
		return hint.Errorf(fmt.Sprintf("install %s, or remove it (credsStore, credHelpers) from %s, or write the other file: regctl login --to containers", h.program(), h.file),
			"%s names the credential helper %s, which is not on the PATH", h.file, h.program())
	}
	return nil
}

func (h helper) store(server string, c Credential) error {
	user, secret := c.Username, c.Password
	if c.IdentityToken != "" {
		user, secret = tokenUser, c.IdentityToken
	}
	err := client.Store(h.run(), &credentials.Credentials{ServerURL: server, Username: user, Secret: secret})
	return h.explain(err, secret)
}

// get asks for a credential; found is false where the helper has none.
func (h helper) get(server string) (c Credential, found bool, err error) {
	if err := h.check(); err != nil {
		return c, false, err
	}
	got, err := client.Get(h.run(), server)
	if credentials.IsErrCredentialsNotFound(err) {
		return c, false, nil
	}
	if err != nil {
		return c, false, h.explain(err, "")
	}
	if got.Username == tokenUser {
		return Credential{IdentityToken: got.Secret}, true, nil
	}
	return Credential{Username: got.Username, Password: got.Secret}, got.Secret != "", nil
}

func (h helper) erase(server string) error {
	return h.explain(client.Erase(h.run(), server), "")
}

// explain names the helper, and keeps the secret out of what it said.
func (h helper) explain(err error, secret string) error {
	if err == nil {
		return nil
	}
	said := err.Error()
	if secret != "" {
		said = strings.ReplaceAll(said, secret, "***")
	}
	return hint.Errorf("try it by hand: echo HOST | "+h.program()+" get", "%s: %s", h.program(), said)
}

func (h helper) run() client.ProgramFunc {
	return func(args ...string) client.Program {
		return program{exec.Command(h.program(), args...)} //nolint:noctx // the protocol's library has no context to give
	}
}

// program runs a helper and puts what it says on stderr beside its exit status.
type program struct{ cmd *exec.Cmd }

func (p program) Input(in io.Reader) { p.cmd.Stdin = in }

func (p program) Output() ([]byte, error) {
	var said bytes.Buffer
	p.cmd.Stderr = &said
	out, err := p.cmd.Output()
	if text := strings.TrimSpace(said.String()); err != nil && text != "" {
		err = fmt.Errorf("%w, it says: %s", err, text)
	}
	return out, err
}
