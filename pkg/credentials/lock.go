package credentials

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"
	"github.com/regctl/regctl/pkg/atomicfile"
)

// patience is how long a login waits for another one.
const patience = 10 * time.Second

// lock keeps logins at the same time from losing each other's entry. It locks the
// directories, which leaves no lock files behind. A file system without locks is used without.
func lock(files []File) (unlock func(), err error) {
	var held []*flock.Flock
	unlock = func() {
		for _, l := range held {
			_ = l.Unlock()
		}
	}
	ofDir := map[string]File{}
	for _, f := range files {
		dir := filepath.Dir(atomicfile.Behind(f.Path))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return unlock, noAccess(f.Path, err)
		}
		ofDir[dir] = f
	}
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	for _, dir := range slices.Sorted(maps.Keys(ofDir)) { // in one order, to prevent a deadlock
		l := flock.New(dir, flock.SetFlag(os.O_RDONLY))
		_, err := l.TryLockContext(ctx, 50*time.Millisecond)
		held = append(held, l)
		if errors.Is(err, context.DeadlineExceeded) {
			return unlock, errorf(Locked, ofDir[dir].Path, "%s: locked by another process", ofDir[dir].Path)
		}
	}
	return unlock, nil
}
