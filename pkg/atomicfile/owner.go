package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// keepOwner gives what replaces path the owner of path. What is new below $HOME belongs to
// the owner of $HOME, who could not change it if root had made it (sudo keeps HOME on some
// systems).
func keepOwner(path string, chown func(uid, gid int) error) error {
	owner := ownerOf(path)
	if owner == nil && belowHome(path) {
		owner = ownerOf(os.Getenv("HOME"))
	}
	if owner == nil {
		return nil
	}
	if os.Geteuid() != 0 {
		_ = chown(-1, int(owner.Gid)) // only members of the group may
		return nil
	}
	err := chown(int(owner.Uid), int(owner.Gid))
	if errors.Is(err, syscall.EINVAL) { // root of a user namespace that does not know the owner
		return nil
	}
	return err
}

// ownerOf returns nil where the file does not exist.
func ownerOf(path string) *syscall.Stat_t {
	info, err := os.Stat(path)
	if err != nil {
		return nil
	}
	st, _ := info.Sys().(*syscall.Stat_t)
	return st
}

func belowHome(path string) bool {
	home := os.Getenv("HOME")
	if !filepath.IsAbs(home) || filepath.Clean(home) == "/" {
		return false
	}
	abs, err := filepath.Abs(path)
	return err == nil && strings.HasPrefix(abs, filepath.Clean(home)+"/")
}

// MkdirAll makes a directory and the missing ones above it, and returns those that it made,
// the innermost first. Unlike with os.MkdirAll, mode is exact: an umask of 077 does not lock
// others out of what is for everyone. Their owner is that of new files: see Stage.
func MkdirAll(dir string, mode fs.FileMode) (made []string, err error) {
	var missing []string
	for d := filepath.Clean(dir); ; d = filepath.Dir(d) {
		info, err := os.Stat(d)
		if err == nil && !info.IsDir() {
			err = &fs.PathError{Op: "mkdir", Path: d, Err: syscall.ENOTDIR}
		}
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		missing = append(missing, d)
	}
	for _, d := range slices.Backward(missing) {
		switch err := mkdir(d, mode); {
		case errors.Is(err, fs.ErrExist): // another process was faster
		case err != nil:
			return made, err
		default:
			made = slices.Insert(made, 0, d)
		}
	}
	return made, nil
}

func mkdir(dir string, mode fs.FileMode) error {
	if err := os.Mkdir(dir, mode); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if info.Mode().Perm() != mode {
		if err := os.Chmod(dir, info.Mode()&^fs.ModePerm|mode); err != nil { // keeps setgid
			return err
		}
	}
	if !belowHome(dir) {
		return nil
	}
	home := ownerOf(os.Getenv("HOME"))
	if home == nil || os.Geteuid() != 0 {
		return nil
	}
	return os.Chown(dir, int(home.Uid), int(home.Gid))
}
