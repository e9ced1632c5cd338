package certs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/regctl/regctl/pkg/atomicfile"
	"github.com/regctl/regctl/pkg/hint"
)

// Modes of what is written.
const (
	publicMode  fs.FileMode = 0o644
	privateMode fs.FileMode = 0o600
)

// file is one file to be written.
type file struct {
	path string
	data []byte
	mode fs.FileMode
}

// commit writes all files or none: each is staged beside its target, and only
// when all are there they are renamed, in order, also as the disk sees it. A reader
// never sees half a file.
func commit(files ...file) (err error) {
	var undo []func()
	defer func() {
		for _, u := range slices.Backward(undo) {
			if err != nil {
				u()
			}
		}
	}()
	staged := make([]*atomicfile.File, len(files))
	for i := range files {
		files[i].path = atomicfile.Behind(files[i].path)
		p, back, err := stage(files[i])
		undo = append(undo, back)
		if err != nil {
			return notWritten(files[i].path, err)
		}
		staged[i] = p
	}
	for i, p := range staged {
		back := restore(files[i].path)
		if err := p.CloseAtomicallyReplace(); err != nil {
			return notWritten(files[i].path, err)
		}
		undo = append(undo, back)
		syncDir(filepath.Dir(files[i].path))
	}
	return nil
}

// syncDir makes a rename outlive a power cut before the next one is done. Some file
// systems cannot; what is written is good all the same.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		d.Close()
	}
}

func stage(f file) (p *atomicfile.File, undo func(), err error) {
	undo, err = makeDir(filepath.Dir(f.path))
	if err != nil {
		return nil, undo, err
	}
	if info, err := os.Stat(f.path); err == nil && !info.Mode().IsRegular() {
		return nil, undo, errors.New("exists and is not a regular file")
	}
	p, err = atomicfile.Stage(f.path, f.mode)
	if err != nil {
		return nil, undo, err
	}
	rmdir := undo
	undo = func() { _ = p.Cleanup(); rmdir() }
	_, err = p.Write(f.data)
	return p, undo, err
}

// makeDir makes a directory and those above it; undo removes the ones it made.
func makeDir(dir string) (undo func(), err error) {
	var missing []string
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); !errors.Is(err, fs.ErrNotExist) || d == filepath.Dir(d) {
			break
		}
		missing = append(missing, d)
	}
	undo = func() {
		for _, d := range missing {
			_ = os.Remove(d) // what others have put into it meanwhile stays
		}
	}
	return undo, os.MkdirAll(dir, 0o755)
}

// restore remembers a file; the function puts it back.
func restore(path string) func() {
	old, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return func() { _ = os.Remove(path) }
	}
	info, statErr := os.Stat(path)
	if err != nil || statErr != nil {
		return func() {}
	}
	return func() {
		p, err := atomicfile.Stage(path, info.Mode().Perm())
		if err != nil {
			return
		}
		defer func() { _ = p.Cleanup() }()
		if _, err := p.Write(old); err == nil {
			_ = p.CloseAtomicallyReplace()
		}
	}
}

func notWritten(path string, err error) error {
	advice := "specify another file; ls -ld %s shows the directory"
	if errors.Is(err, fs.ErrPermission) {
		advice = "specify another file, or make the directory writable: ls -ld %s"
	}
	return hint.New(pathError(path, err), fmt.Sprintf(advice, filepath.Dir(path)))
}

// readFile names the file as the user did, and says what to look at.
func readFile(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err == nil {
		return b, nil
	}
	advice := "ls -l " + path
	if errors.Is(err, fs.ErrNotExist) {
		advice = "correct the path: ls " + filepath.Dir(path)
	} else if errors.Is(err, fs.ErrPermission) {
		advice = "sudo, or as the user who owns it: ls -l " + path
	}
	return nil, hint.New(pathError(path, err), advice)
}

// there tells which of the files exist.
func there(paths ...string) (found []string, err error) {
	for _, p := range paths {
		_, err := os.Stat(p)
		if err == nil {
			found = append(found, p)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, pathError(p, err)
		}
	}
	return found, nil
}

// distinct refuses two roles for one file: written is about to be replaced, others are still needed.
func distinct(written []string, others ...string) error {
	all := append(slices.Clone(written), others...)
	for i, w := range written {
		for _, o := range all[i+1:] {
			if w != "" && o != "" && sameFile(w, o) {
				return hint.BadUsage(fmt.Errorf("%s: used for two files", w), "specify different files")
			}
		}
	}
	return nil
}

func sameFile(a, b string) bool {
	x, errX := filepath.Abs(a)
	y, errY := filepath.Abs(b)
	if errX == nil && errY == nil && x == y {
		return true
	}
	i, errI := os.Stat(a)
	j, errJ := os.Stat(b)
	return errI == nil && errJ == nil && os.SameFile(i, j)
}
