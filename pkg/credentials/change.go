package credentials

import (
	"bytes"
	"errors"
	"os"
	"slices"

	"github.com/google/renameio/v2"
	"github.com/regctl/regctl/pkg/atomicfile"
)

// change is an edited file that waits beside the old one, and what is to be told
// to a helper. All that can be wrong is found before the first one is committed.
type change struct {
	where   string
	help    func() error // may be nil
	pending *renameio.PendingFile
}

// Store saves a credential in all the files, or in none where one of them cannot
// be read, understood or written. It returns where each one went.
func Store(files []File, host string, c Credential) (where []string, err error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if err := Ready(files, host); err != nil { // before a folder is made
		return nil, err
	}
	return apply(files, func(f File) (*change, error) { return f.storing(host, c) })
}

// Ready tells whether Store can work for a host: the files are understood, and
// the helpers that they name are installed. Nothing is changed.
func Ready(files []File, host string) error {
	for _, f := range files {
		if _, err := f.edited(host, Credential{}); err != nil {
			return err
		}
	}
	return nil
}

// Erase removes the credentials of a host (or of host/namespace) from all the
// files and their helpers. It returns where there were any.
func Erase(files []File, host string) (where []string, err error) {
	files = slices.DeleteFunc(slices.Clone(files), func(f File) bool {
		_, err := os.Stat(f.Path)
		return errors.Is(err, os.ErrNotExist)
	})
	return apply(files, func(f File) (*change, error) { return f.erasing(host) })
}

func apply(files []File, prepare func(File) (*change, error)) (where []string, err error) {
	unlock, err := lock(files)
	defer unlock()
	if err != nil {
		return nil, err
	}
	var changes []*change
	defer func() {
		for _, c := range changes {
			c.cancel()
		}
	}()
	for _, f := range files {
		c, err := prepare(f)
		if err != nil {
			return nil, err
		}
		if c != nil {
			changes = append(changes, c)
		}
	}
	for _, c := range changes {
		if err := c.commit(); err != nil {
			return where, err
		}
		where = append(where, c.where)
	}
	return where, nil
}

func (c *change) commit() error {
	if c.help != nil {
		if err := c.help(); err != nil {
			return err
		}
	}
	if c.pending == nil {
		return nil
	}
	return c.pending.CloseAtomicallyReplace()
}

func (c *change) cancel() {
	if c.pending != nil {
		_ = c.pending.Cleanup() // after a commit it does nothing
	}
}

// stage writes a document beside the file it is to replace.
func (f File) stage(d *document) (*renameio.PendingFile, error) {
	path, text := atomicfile.Behind(f.Path), d.root.Pack()
	old, err := os.ReadFile(path)
	if err == nil && bytes.Equal(old, text) && private(path) {
		return nil, nil
	}
	p, err := atomicfile.Stage(path, 0o600)
	if err != nil {
		return nil, noAccess(f.Path, err)
	}
	if _, err := p.Write(text); err != nil {
		_ = p.Cleanup() // what went wrong first is what counts
		return nil, noAccess(f.Path, err)
	}
	return p, nil
}

func private(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().Perm() == 0o600
}
