package credentials

import (
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
	end := time.Now().Add(patience)
	for _, dir := range slices.Sorted(maps.Keys(ofDir)) { // in one order, to prevent a deadlock
		l := flock.New(dir, flock.SetFlag(os.O_RDONLY))
		held = append(held, l)
		locked, err := l.TryLock()
		for ; !locked && err == nil && time.Now().Before(end); locked, err = l.TryLock() {
			time.Sleep(50 * time.Millisecond)
		}
		if !locked && err == nil {
			return unlock, errorf(Locked, ofDir[dir].Path, "%s: locked by another process", ofDir[dir].Path)
		}
	}
	return unlock, nil
}
