package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	securejoin "github.com/cyphar/filepath-securejoin"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/pkg/atomicfile"
)

// File is a file that is to have this content, or (Content nil) not to be there.
type File struct {
	Root    Root
	Path    string // absolute, on the host
	Content []byte // nil: the file is to be absent
	// Edit makes Content from what is in the file when it is written, which another
	// process may have changed since Content was made. nil: Content is written as it is.
	Edit    func(live []byte) ([]byte, error)
	Mode    fs.FileMode // of a new file; 0 is 0644. An existing file keeps its mode unless Mode is given
	DirMode fs.FileMode // of new directories; 0 is 0755
	Backup  string      // others own the file too: keep a copy of what was there under its name and this suffix
	OwnDir  bool        // the directory is for this file alone: it is removed with its last file

	note string
}

var (
	_ plan.Change = (*File)(nil)
	_ plan.Viewer = (*File)(nil)
)

// String is the path as seen from here.
func (f *File) String() string { return f.Place() }

// Place is the path as seen from here, below Root.
func (f *File) Place() string { return filepath.Join("/", f.Root.Prefix(), f.Path) }

// Live reads the file.
func (f *File) Live(context.Context) ([]byte, error) {
	path, err := f.Root.Resolve(f.Path)
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(path)
	if securejoin.IsNotExist(err) {
		return nil, nil
	}
	if b == nil && err == nil {
		b = []byte{}
	}
	return b, short(err)
}

// Want is the content; a host has no say in it.
func (f *File) Want(context.Context, bool) ([]byte, error) { return f.Content, nil }

// View is the file as a small document, less what only the owner may read. Its name is the path with the
// kind before it (file/etc/docker/daemon.json); the note says where the backup is.
func (f *File) View(r plan.Result) plan.View {
	live, want := f.masked(r.Live, r.Want)
	d := Document{Kind: "File", Path: f.Place(), Action: r.Action, Content: string(want)}
	if f.Mode != 0 {
		d.Mode = fmt.Sprintf("%04o", f.Mode.Perm())
	}
	return plan.View{Name: "file" + f.Place(), Live: live, Want: want, Document: d, Note: f.note}
}

// masked hides what only the owner may read.
func (f *File) masked(live, want []byte) (shownLive, shownWant []byte) {
	if f.Mode == 0 || f.Mode&0o077 != 0 {
		return live, want
	}
	hide := func(b []byte, word string) []byte {
		if b == nil {
			return nil
		}
		return []byte("*** (" + word + ")\n")
	}
	return hide(live, "before"), hide(want, "after")
}

// Document is what -o json and -o yaml show of a file.
type Document struct {
	Kind    string      `json:"kind"` // File
	Path    string      `json:"path"` // as seen from here
	Action  plan.Action `json:"action"`
	Mode    string      `json:"mode,omitempty"`    // octal; empty: that of the existing file
	Content string      `json:"content,omitempty"` // empty where the file is to be absent
}

// Apply writes or removes the file, while no other process changes it.
func (f *File) Apply(ctx context.Context) error {
	path, err := f.Root.Resolve(f.Path)
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if f.Content == nil && f.Edit == nil && stat(dir) == nil {
		return nil
	}
	return short(atomicfile.InDir(dir, orMode(f.DirMode, 0o755), func() error { return f.apply(ctx, path) }))
}

func (f *File) apply(ctx context.Context, path string) error {
	content := f.Content
	live, err := f.Live(ctx)
	if err != nil {
		return err
	}
	if f.Edit != nil {
		if content, err = f.Edit(live); err != nil {
			return err
		}
	}
	switch {
	case content == nil:
		return f.remove(path)
	case live != nil && bytes.Equal(content, live):
		return nil
	case f.Backup != "" && live != nil:
		if err := f.backup(path, live); err != nil {
			return err
		}
	}
	return f.write(path, content)
}

func (f *File) remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if f.OwnDir {
		_ = os.Remove(filepath.Dir(path)) // fails, as it should, where others have files there
	}
	return nil
}

func (f *File) backup(path string, old []byte) error {
	if err := f.write(path+f.Backup, old); err != nil {
		return fmt.Errorf("backup: %w", short(err))
	}
	f.note = f.Place() + ": the previous file was saved as " + filepath.Base(f.Path) + f.Backup
	return nil
}

// write puts the content in place in one step: what reads the file sees the old or the new content.
func (f *File) write(path string, content []byte) error {
	mode, old := orMode(f.Mode, 0o644), stat(path)
	if old != nil && f.Mode == 0 {
		mode = old.Mode().Perm()
	}
	tmp, err := atomicfile.Stage(path, mode)
	if err != nil {
		return err
	}
	defer tmp.Cleanup() //nolint:errcheck // after the replacement there is nothing to clean
	if _, err := tmp.Write(content); err != nil {
		return err
	}
	return tmp.CloseAtomicallyReplace()
}

func orMode(mode, otherwise fs.FileMode) fs.FileMode {
	if mode == 0 {
		return otherwise
	}
	return mode
}

func stat(path string) fs.FileInfo {
	info, err := os.Stat(path)
	if err != nil {
		return nil
	}
	return info
}

// short drops the path from an error of the os package: the change's name says it already.
func short(err error) error { return atomicfile.Cause(err) }
