// Package atomicfile replaces files in one step, as regctl writes all its files: a reader
// sees the old or the new content, and a link stays a link.
package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"
)

// File is a new file beside the one that it is to replace. It is locked until it is in place or
// removed, so that RemoveLeftovers can tell it from the file of a process that was killed.
type File struct {
	*renameio.PendingFile
	lock *flock.Flock
}

// CloseAtomicallyReplace syncs the file and puts it in place.
func (f *File) CloseAtomicallyReplace() error {
	defer f.lock.Close()
	return f.PendingFile.CloseAtomicallyReplace()
}

// Cleanup removes the file. It does nothing once the file is in place.
func (f *File) Cleanup() error {
	defer f.lock.Close()
	return f.PendingFile.Cleanup()
}

// Stage creates a new file beside the one at path, which it replaces when
// CloseAtomicallyReplace is called; Cleanup removes it, and does nothing after that. mode is
// exact: the umask does not count. The owner and the group of an existing file stay; see
// also keepOwner. Links are not followed: see Behind.
func Stage(path string, mode fs.FileMode) (*File, error) {
	RemoveLeftovers(path)
	for {
		p, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(mode))
		if err != nil {
			return nil, err
		}
		f := &File{p, flock.New(p.Name(), flock.SetFlag(os.O_RDONLY))}
		locked, err := f.lock.TryLock() // where the file system has no locks, nobody removes leftovers
		_, gone := os.Stat(p.Name())
		if err == nil && !locked || gone != nil { // another process took it for a leftover
			_ = f.Cleanup()
			continue
		}
		if err := keepOwner(path, p.Chown); err != nil {
			_ = f.Cleanup() // the first error counts
			return nil, err
		}
		return f, nil
	}
}

// leftover is the end of a temporary file's name: a random number.
var leftover = regexp.MustCompile(`^[0-9]{15,19}$`)

// RemoveLeftovers removes the temporary files that killed processes have left beside the file at path.
func RemoveLeftovers(path string) {
	dir := filepath.Dir(path)
	entries, _ := os.ReadDir(dir) // a directory that cannot be read has no leftovers that can be removed
	for _, entry := range entries {
		random, ok := strings.CutPrefix(entry.Name(), "."+filepath.Base(path))
		if !ok || !leftover.MatchString(random) || !entry.Type().IsRegular() {
			continue
		}
		name := filepath.Join(dir, entry.Name())
		lock := flock.New(name, flock.SetFlag(os.O_RDONLY))
		if locked, err := lock.TryLock(); err == nil && locked {
			_ = os.Remove(name) // where that fails, the next run tries again
		}
		_ = lock.Close()
	}
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

// Behind returns the file that a path leads to over symbolic links, whether it exists or not.
func Behind(path string) string {
	for range 40 { // the kernel follows no more
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

// Cause returns the error of a file without the file's name, for messages that name it already.
func Cause(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	if le, ok := errors.AsType[*os.LinkError](err); ok {
		return le.Err
	}
	return err
}
