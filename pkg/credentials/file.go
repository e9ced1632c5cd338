package credentials

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/tailscale/hujson"
)

// Format is which tool's rules a file follows.
type Format int

// Formats. Docker and Containers have {"auths": {HOST: {"auth": …}}}; docker
// knows credsStore beside credHelpers and a key of its own for docker.io.
// Legacy is .dockercfg, which has the hosts at the top.
const (
	Containers Format = iota
	Docker
	Legacy
)

// formatOf tells a file's format by its name.
func formatOf(path string) Format {
	switch filepath.Base(path) {
	case "config.json":
		return Docker
	case ".dockercfg":
		return Legacy
	}
	return Containers
}

// File is a place for credentials.
type File struct {
	Path   string
	Format Format
	Note   string // why it is this file and not the usual one; for people, may be empty

	text string // of what is no file: $DOCKER_AUTH_CONFIG
}

// Store saves a credential in the file, or in the credential helper that the
// file names for the host, and says where it is now. Other entries stay to the
// byte; the file is replaced atomically with mode 0600.
func (f File) Store(host string, c Credential) (where string, err error) {
	list, err := Store([]File{f}, host, c)
	if err != nil {
		return "", err
	}
	return list[0], nil
}

// Erase removes the credentials of a host (or of host/namespace) from the file
// and its helper, and says whether there were any.
func (f File) Erase(host string) (bool, error) {
	list, err := Erase([]File{f}, host)
	return len(list) > 0, err
}

func (f File) read() (*document, error) {
	if f.text != "" {
		return parseDocument(f.Path, []byte(f.text))
	}
	b, err := os.ReadFile(f.Path)
	if errors.Is(err, os.ErrNotExist) {
		b, err = nil, nil
	}
	if err != nil {
		return nil, noAccess(f.Path, err)
	}
	return parseDocument(f.Path, b)
}

// noAccess names the file itself, not the temporary one or the folder that an operation was about.
func noAccess(path string, err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		err = fmt.Errorf("%s: %w", e.Op, e.Err)
	}
	return hint.Errorf("see who may do what: "+hint.Quote("namei", "-l", path), "%s: %w", path, err)
}

// hosts returns the object of a document that maps hosts to credentials; nil where there is none.
func (f File) hosts(d *document) (*hujson.Object, error) {
	if f.Format == Legacy {
		return d.top(), nil
	}
	return d.object("auths")
}

// helperFor returns the helper that a document names for one of the keys.
func (f File) helperFor(d *document, keys ...string) (*helper, error) {
	byHost, err := d.object("credHelpers")
	if err != nil {
		return nil, err
	}
	name := ""
	if f.Format == Docker {
		name = text(d.top(), "credsStore")
	}
	for _, key := range keys {
		if one := text(byHost, key); one != "" {
			name = one
		}
	}
	if name == "" {
		return nil, nil
	}
	return &helper{name: name, file: f.Path}, nil
}

// put edits a document so that it has the credential under key: an empty entry where a helper keeps it.
func (f File) put(d *document, key string, c Credential, helped bool) error {
	l, depth := d.layout(), 1
	hosts, err := f.hosts(d)
	if err != nil {
		return err
	}
	if f.Format == Legacy {
		depth = 0
	}
	if hosts == nil {
		hosts = &hujson.Object{}
		l.put(d.top(), 0, "auths", hosts)
	}
	entry := &hujson.Object{}
	if !helped {
		auth := base64.StdEncoding.EncodeToString([]byte(c.Username + ":" + c.Password))
		entry = l.object(depth+1, "auth", auth, "identitytoken", c.IdentityToken)
	}
	l.put(hosts, depth, key, entry)
	return nil
}
