package credentials

import (
	"path/filepath"
	"slices"

	"github.com/regctl/regctl/pkg/atomicfile"
)

// lock keeps two logins at once from losing each other's entry. It locks the
// folders, so nothing is left behind; where a file system cannot, it goes without.
func lock(files []File) (unlock func(), err error) {
	var held []func()
	unlock = func() {
		for _, release := range held {
			release()
		}
	}
	var dirs []string
	for _, f := range files {
		dir := filepath.Dir(atomicfile.Behind(f.Path))
		if _, err := atomicfile.MkdirAll(dir, 0o700); err != nil {
			return unlock, noAccess(f.Path, err)
		}
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	for _, dir := range slices.Compact(dirs) {
		release, err := atomicfile.Lock(dir)
		if err == nil {
			held = append(held, release)
		}
	}
	return unlock, nil
}
