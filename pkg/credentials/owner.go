package credentials

import (
	"os"
	"syscall"
)

// keepOwner gives a new file the owner of the one that it replaces: root who
// logs in with another user's HOME must not lock that user out.
func keepOwner(path string, replacement *os.File) {
	info, err := os.Stat(path)
	if err != nil {
		return
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && os.Getuid() == 0 {
		_ = replacement.Chown(int(st.Uid), int(st.Gid)) // without it the file still is the user's own
	}
}
