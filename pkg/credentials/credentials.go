// Package credentials reads and writes registry credentials where docker and the
// containers tools (podman, skopeo, buildah) store them: docker's config.json,
// containers' auth.json, the old .dockercfg, and credential helpers.
//
// Sources: docker's documentation of config.json, containers-auth.json(5), and
// the credential helper protocol of docker-credential-helpers.
package credentials

import (
	"cmp"
	"strings"
)

// Env decides where credentials are stored.
type Env struct {
	Getenv func(name string) string // HOME, DOCKER_CONFIG, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, XDG_CONFIG_HOME
	UID    int                      // of the user; 0 is root
	Run    string                   // the directory of run-time files, by default /run
}

func (e Env) run() string { return cmp.Or(e.Run, "/run") }

// Credential is sent to a registry, or to its token server.
type Credential struct {
	Username      string // no colon in it
	Password      string // or a token in its place
	IdentityToken string // an OAuth refresh token; it replaces the password
}

// Check tells whether the credential can be sent and stored at all. As for docker, a password may
// hold any byte but NUL: the key file of a cloud's service account has several lines.
func (c Credential) Check() error {
	switch {
	case strings.ContainsRune(c.Password+c.IdentityToken, 0):
		return errorf(InvalidPassword, "", "the password contains a NUL byte")
	case c.IdentityToken != "":
		return nil
	case c.Password == "":
		return errorf(InvalidPassword, "", "the password is empty")
	}
	return c.CheckName()
}

// CheckName tells whether the user name can be sent, before asking for a password.
func (c Credential) CheckName() error {
	switch {
	case c.Username == "":
		return errorf(InvalidUser, "", "the user name is empty")
	case strings.Contains(c.Username, ":"):
		return errorf(ColonInUser, c.Username, "user name %q: a user name cannot contain a colon", c.Username)
	case strings.ContainsAny(c.Username, "\x00\r\n"):
		return errorf(InvalidUser, "", "the user name contains a line break or a NUL byte")
	}
	return nil
}
