package credentials

import (
	"bytes"
	"os"

	"github.com/regctl/regctl/pkg/atomicfile"
)

// change is an edited file that waits beside the old one, and what is to be told
// to a helper. All that can fail early does so before the first one is committed.
type change struct {
	where   string
	help    func() error     // may be nil
	pending *atomicfile.File // nil where the file stays as it is
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
		_ = c.pending.Cleanup() // does nothing after a commit
	}
}

// change writes the edited text to a new file beside the old one.
func (c *contents) change() (*change, error) {
	ch := &change{where: c.Path}
	path, text := atomicfile.Behind(c.Path), c.layout()
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) && private(path) {
		return ch, nil
	}
	p, err := atomicfile.Stage(path, 0o600)
	if err != nil {
		return nil, noAccess(c.Path, err)
	}
	if _, err := p.Write(text); err != nil {
		_ = p.Cleanup() // the first error counts
		return nil, noAccess(c.Path, err)
	}
	ch.pending = p
	return ch, nil
}

func private(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().Perm() == 0o600
}
