package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// ErrLocked is the cause where another process does not release its lock.
var ErrLocked = errors.New("locked by another process")

// lockWait is how long Lock waits.
const lockWait = 30 * time.Second

// Lock waits until no other process that uses Lock works in a directory. The directory itself
// is locked, so no lock file is left behind. A file system without locks is used without: what
// is written is complete in any case.
func Lock(dir string) (unlock func(), err error) {
	for end := time.Now().Add(lockWait); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		l := flock.New(dir, flock.SetFlag(os.O_RDONLY))
		locked, err := l.TryLock()
		switch {
		case errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission):
			return nil, err
		case err != nil:
			return func() {}, nil //nolint:nilerr // a file system without locks
		case locked && isSame(l, dir):
			return func() { _ = l.Close() }, nil
		}
		_ = l.Close()
	}
	return nil, fmt.Errorf("%s: %w for %s", dir, ErrLocked, lockWait)
}

// isSame tells whether the locked directory is still the one of that name: whoever held the
// lock before may have removed it.
func isSame(l *flock.Flock, dir string) bool {
	locked, err := l.Stat()
	now, nowErr := os.Stat(dir)
	return err == nil && nowErr == nil && os.SameFile(locked, now)
}

// InDir locks a directory, which is made where it is missing, and calls do.
func InDir(dir string, mode fs.FileMode, do func() error) error {
	for range 100 { // others may remove the directory before it is locked
		_, err := MkdirAll(dir, mode)
		var unlock func()
		if err == nil {
			unlock, err = Lock(dir)
		}
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		defer unlock()
		return do()
	}
	return &fs.PathError{Op: "lock", Path: dir, Err: fs.ErrNotExist}
}
