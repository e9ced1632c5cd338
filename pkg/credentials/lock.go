package credentials

import (
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"
	"github.com/regctl/regctl/pkg/atomicfile"
)

// lock keeps two logins at once from losing each other's entry. It locks the
// folders, so nothing is left behind; where a file system cannot, it goes without.
func lock(files []File) (unlock func(), err error) {
	var held []*flock.Flock
	unlock = func() {
		for _, l := range held {
			_ = l.Unlock()
		}
	}
	var dirs []string
	for _, f := range files {
		dir := filepath.Dir(atomicfile.Behind(f.Path))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return unlock, noAccess(f.Path, err)
		}
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	for _, dir := range slices.Compact(dirs) {
		l := flock.New(dir, flock.SetFlag(os.O_RDONLY))
		for range 100 {
			locked, err := l.TryLock()
			if err != nil || locked {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		if !l.Locked() {
			_ = l.Close()
			continue
		}
		held = append(held, l)
	}
	return unlock, nil
}
