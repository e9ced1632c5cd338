package credentials

import (
	"encoding/base64"
	"errors"
	"os"
	"slices"

	"github.com/docker/cli/cli/config/types"
	"github.com/regctl/regctl/pkg/atomicfile"
)

// Store saves a credential in all the files, or in none where one of them cannot
// be read, parsed or written. It returns where each one went: a file, or the
// credential helper that the file names for the host.
func Store(files []File, host string, c Credential) (where []string, err error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if err := Ready(files, host); err != nil { // before a directory is created
		return nil, err
	}
	RemoveLeftovers(files)
	return apply(files, func(f File) (*change, error) { return f.storing(host, c) })
}

// Store saves a credential in this file or its helper.
func (f File) Store(host string, c Credential) (where string, err error) {
	list, err := Store([]File{f}, host, c)
	if err != nil {
		return "", err
	}
	return list[0], nil
}

// Ready tells whether Store can work for a host: the files can be parsed, and
// the helpers that they name are installed. Nothing is changed.
func Ready(files []File, host string) error {
	for _, f := range files {
		if _, _, err := f.with(host, Credential{}); err != nil {
			return err
		}
	}
	return nil
}

// Erase removes the credentials of a host (or of host/namespace) from all the
// files and their helpers. It returns where there were any.
func Erase(files []File, host string) (where []string, err error) {
	RemoveLeftovers(files)
	files = slices.DeleteFunc(slices.Clone(files), func(f File) bool {
		_, err := os.Stat(f.Path)
		return errors.Is(err, os.ErrNotExist)
	})
	return apply(files, func(f File) (*change, error) { return f.erasing(host) })
}

// RemoveLeftovers removes the temporary files, with all logins in them, that killed processes have
// left beside the files.
func RemoveLeftovers(files []File) {
	for _, f := range files {
		atomicfile.RemoveLeftovers(atomicfile.Behind(f.Path))
	}
}

// Erase removes the credentials of a host from this file and its helper, and tells whether there were any.
func (f File) Erase(host string) (bool, error) {
	list, err := Erase([]File{f}, host)
	return len(list) > 0, err
}

// with is the file with a credential, and the helper that stores it in the file's place.
func (f File) with(host string, c Credential) (*contents, *helper, error) {
	file, err := f.load()
	if err != nil {
		return nil, nil, err
	}
	if _, err := file.undelegate(host); err != nil {
		return nil, nil, err
	}
	h, entry := file.helper(host), types.AuthConfig{}
	if h == nil {
		entry = types.AuthConfig{Auth: base64.StdEncoding.EncodeToString([]byte(c.Username + ":" + c.Password)), IdentityToken: c.IdentityToken}
	} else if err := h.check(c); err != nil {
		return nil, nil, err
	}
	for _, key := range keysFor(host, f.Format) {
		if err := file.put(key, entry); err != nil {
			return nil, nil, err
		}
	}
	return file, h, nil
}

func (f File) storing(host string, c Credential) (*change, error) {
	file, h, err := f.with(host, c)
	if err != nil {
		return nil, err
	}
	ch, err := file.change()
	if h != nil && err == nil {
		ch.where, ch.help = h.String(), func() error { return h.store(keysFor(host, f.Format), c) }
	}
	return ch, err
}

// erasing returns nil where neither the file nor its helper has credentials of the host.
func (f File) erasing(host string) (*change, error) {
	c, err := f.load()
	if err != nil {
		return nil, err
	}
	h, keys := c.helper(host), c.spellings(host)
	listed, err := c.forget(host)
	if err != nil {
		return nil, err
	}
	own, err := c.undelegate(host)
	if err != nil {
		return nil, err
	}
	if h != nil {
		if keys, err = h.knows(keys, listed, own); err != nil {
			return nil, err
		}
	}
	if !listed && !own && (h == nil || len(keys) == 0) {
		return nil, nil
	}
	ch, err := c.change()
	if h != nil && len(keys) > 0 && err == nil {
		ch.where, ch.help = h.String(), func() error { return h.erase(keys) }
	}
	return ch, err
}
