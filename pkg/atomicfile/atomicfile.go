// Package atomicfile replaces files in one step, as all of this program's files are written: who
// reads one sees the old or the new content, and a link stays a link.
package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/renameio/v2"
)

// Stage makes a new file beside the one at path, which it takes the place of when
// CloseAtomicallyReplace is called; Cleanup removes it, and does nothing after that. mode is
// exact: the umask does not count. Root gives it the owner of the file that is there, who
// would be locked out otherwise. Links are not followed: see Behind.
func Stage(path string, mode fs.FileMode) (*renameio.PendingFile, error) {
	p, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(mode))
	if err != nil {
		return nil, err
	}
	if err := keepOwner(p, path); err != nil {
		_ = p.Cleanup() // what went wrong first is what counts
		return nil, err
	}
	return p, nil
}

func keepOwner(p *renameio.PendingFile, path string) error {
	info, err := os.Stat(path)
	if err != nil || os.Geteuid() != 0 {
		return nil //nolint:nilerr // what is not there has no owner
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	err = p.Chown(int(st.Uid), int(st.Gid))
	if errors.Is(err, syscall.EINVAL) { // root of a user namespace that does not know the owner
		return nil
	}
	return err
}

// Write replaces the file behind path.
func Write(path string, content []byte, mode fs.FileMode) error {
	p, err := Stage(Behind(path), mode)
	if err != nil {
		return err
	}
	defer func() { _ = p.Cleanup() }()
	if _, err := p.Write(content); err != nil {
		return err
	}
	return p.CloseAtomicallyReplace()
}

// Behind is the file that a path leads to over symbolic links, whether that is there or not.
func Behind(path string) string {
	for range 40 { // as many as the kernel follows
		if target, err := filepath.EvalSymlinks(path); err == nil {
			return target
		}
		to, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return filepath.Clean(path)
}

// Cause is the error of a file without the file's name, for where that is said already.
func Cause(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	if le, ok := errors.AsType[*os.LinkError](err); ok {
		return le.Err
	}
	return err
}
