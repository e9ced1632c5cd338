// Package host changes files on a host: File is a plan.Change. A path is what
// programs on that host call it; Root is where the host's / is from here, so that
// an image below a directory is written as safely as this machine.
package host

import (
	"io/fs"
	"os"
	"path/filepath"

	securejoin "github.com/cyphar/filepath-securejoin"
)

// Root is the directory of a host's file tree; "" and "/" are this machine.
type Root string

// Local tells whether the root is this machine's own.
func (r Root) Local() bool { return r == "" || filepath.Clean(string(r)) == "/" }

// Prefix is what stands before the host's paths as seen from here; "" for this machine.
func (r Root) Prefix() string {
	if r.Local() {
		return ""
	}
	root, err := filepath.Abs(string(r))
	if err != nil { // only where the working directory is gone
		return string(r)
	}
	return root
}

// Resolve returns the real place of an absolute path of the host. Links are
// followed as the host would follow them: an absolute one starts at Root again.
func (r Root) Resolve(path string) (string, error) {
	if r.Local() {
		return securejoin.SecureJoin("/", path)
	}
	return securejoin.SecureJoin(r.Prefix(), path)
}

// FS shows the host's files; names have no leading slash, as io/fs wants it.
func (r Root) FS() fs.FS { return rootFS{r} }

type rootFS struct{ root Root }

func (f rootFS) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	path, err := f.root.Resolve("/" + name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return os.Open(path)
}
