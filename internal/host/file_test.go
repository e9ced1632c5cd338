package host_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/regctl/regctl/internal/host"
	"github.com/regctl/regctl/internal/plan"
	"github.com/stretchr/testify/require"
)

func run(t *testing.T, f *host.File) plan.Action {
	t.Helper()
	results, err := plan.Runner{Out: io.Discard}.Run(t.Context(), []plan.Change{f})
	require.NoError(t, err)
	return results[0].Action
}

func TestFileIsMadeChangedAndRemoved(t *testing.T) {
	root := t.TempDir()
	f := &host.File{Root: host.Root(root), Path: "/etc/docker/certs.d/a:1/ca.crt", Content: []byte("one"), OwnDir: true}
	real := filepath.Join(root, f.Path)
	require.Equal(t, real, f.String())
	require.Equal(t, "file"+real, f.View(plan.Result{}).Name)
	require.Equal(t, plan.Created, run(t, f))
	require.NoError(t, os.Chmod(real, 0o640))
	before, err := os.Stat(real)
	require.NoError(t, err)

	require.Equal(t, plan.Unchanged, run(t, f))
	after, err := os.Stat(real)
	require.NoError(t, err)
	require.True(t, os.SameFile(before, after), "an unchanged file is not written")

	f.Content = []byte("two")
	require.Equal(t, plan.Configured, run(t, f))
	info, err := os.Stat(real)
	require.NoError(t, err)
	require.Equal(t, "-rw-r-----", info.Mode().String(), "the mode is kept")
	require.Len(t, names(t, filepath.Dir(real)), 1, "nothing else is left there")

	f.Content = nil
	require.Equal(t, plan.Removed, run(t, f))
	require.NoDirExists(t, filepath.Dir(real))
	require.DirExists(t, filepath.Join(root, "etc/docker/certs.d"))
	require.Equal(t, plan.Unchanged, run(t, f))
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestFileOfOthersIsBackedUpAndTheirDirectoryStays(t *testing.T) {
	root := t.TempDir()
	f := &host.File{Root: host.Root(root), Path: "/d/daemon.json", Content: []byte("new"), Backup: ".old", OwnDir: true, Mode: 0o600}
	require.NoError(t, os.Mkdir(filepath.Join(root, "d"), 0o755))
	real := filepath.Join(root, "d/daemon.json")
	require.NoError(t, os.WriteFile(real, []byte("theirs"), 0o644))
	require.Equal(t, plan.Configured, run(t, f))
	require.Equal(t, real+": the previous file was saved as daemon.json.old", f.View(plan.Result{}).Note)
	b, err := os.ReadFile(real + ".old")
	require.NoError(t, err)
	require.Equal(t, "theirs", string(b))
	info, err := os.Stat(real)
	require.NoError(t, err)
	require.Equal(t, "-rw-------", info.Mode().String())
	f.Content = nil
	require.Equal(t, plan.Removed, run(t, f))
	require.Equal(t, []string{"daemon.json.old"}, names(t, filepath.Join(root, "d")))
}

func TestLinksAreFollowedAsTheHostWouldFollowThem(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(root, outside), 0o755))
	require.NoError(t, os.Symlink(outside, filepath.Join(root, "etc"))) // absolute: of the image, not of this machine
	require.NoError(t, os.Symlink("../../../../..", filepath.Join(root, "up")))
	run(t, &host.File{Root: host.Root(root), Path: "/etc/ca.crt", Content: []byte("x")})
	require.FileExists(t, filepath.Join(root, outside, "ca.crt"))
	require.Empty(t, names(t, outside))
	run(t, &host.File{Root: host.Root(root), Path: "/up/ca.crt", Content: []byte("x")})
	require.FileExists(t, filepath.Join(root, "ca.crt"))
}

func TestALinkedFileStaysALink(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(root, "real.json"), []byte("old"), 0o644))
	require.NoError(t, os.Symlink("real.json", filepath.Join(root, "daemon.json")))
	run(t, &host.File{Root: host.Root(root), Path: "/daemon.json", Content: []byte("new")})
	link, err := os.Readlink(filepath.Join(root, "daemon.json"))
	require.NoError(t, err)
	require.Equal(t, "real.json", link)
	b, err := os.ReadFile(filepath.Join(root, "real.json"))
	require.NoError(t, err)
	require.Equal(t, "new", string(b))
}

func TestNothingIsTouchedWhereOneFileCannotBeRead(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "b"), 0o755))
	changes := []plan.Change{
		&host.File{Root: host.Root(root), Path: "/a", Content: []byte("x")},
		&host.File{Root: host.Root(root), Path: "/b", Content: []byte("x")}, // a folder
	}
	_, err := plan.Runner{Out: io.Discard}.Run(t.Context(), changes)
	require.ErrorContains(t, err, "/b: is a directory")
	require.Equal(t, []string{"b"}, names(t, root))
}

func TestAFailureLeavesNoTemporaryFile(t *testing.T) {
	root := t.TempDir()
	f := &host.File{Root: host.Root(root), Path: "/d/f", Content: []byte("x")}
	require.NoError(t, os.MkdirAll(filepath.Join(root, "d/f/inside"), 0o755)) // cannot be replaced by a file
	require.Error(t, f.Apply(t.Context()))
	require.Equal(t, []string{"f"}, names(t, filepath.Join(root, "d")))
}

func TestInterruptedRunStopsBeforeTheNextChange(t *testing.T) {
	root := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err := plan.Runner{Out: io.Discard}.Run(ctx, []plan.Change{&host.File{Root: host.Root(root), Path: "/a", Content: []byte("x")}})
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, names(t, root))
}

func TestKeysAreMasked(t *testing.T) {
	var out bytes.Buffer
	f := &host.File{Root: host.Root(t.TempDir()), Path: "/key", Content: []byte("s3cret\n"), Mode: 0o600}
	_, err := plan.Runner{Out: &out, Diff: true, DryRun: plan.Client}.Run(t.Context(), []plan.Change{f})
	require.NoError(t, err)
	require.Contains(t, out.String(), "+*** (after)\n")
	require.NotContains(t, out.String(), "s3cret")
}

// TestEditsAtTheSameTimeAreAllKept: each was planned before any of the others was written.
func TestEditsAtTheSameTimeAreAllKept(t *testing.T) {
	root := host.Root(t.TempDir())
	var all sync.WaitGroup
	for i := range 20 {
		line := fmt.Sprintf("%d\n", i)
		f := &host.File{Root: root, Path: "/d/e/list", Content: []byte(line), Edit: func(live []byte) ([]byte, error) {
			return append(bytes.Clone(live), line...), nil
		}}
		all.Go(func() { assert.NoError(t, f.Apply(t.Context())) })
	}
	all.Wait()
	b, err := os.ReadFile(filepath.Join(string(root), "d/e/list"))
	require.NoError(t, err)
	require.Len(t, strings.Fields(string(b)), 20)
}

func TestAnEditThatFailsOrChangesNothing(t *testing.T) {
	root := host.Root(t.TempDir())
	path := filepath.Join(string(root), "f")
	require.NoError(t, os.WriteFile(path, []byte("new"), 0o644))
	before, err := os.Stat(path)
	require.NoError(t, err)
	same := &host.File{Root: root, Path: "/f", Content: []byte("old"), Backup: ".old", Edit: func(live []byte) ([]byte, error) { return live, nil }}
	require.NoError(t, same.Apply(t.Context()))
	after, err := os.Stat(path)
	require.NoError(t, err)
	require.True(t, os.SameFile(before, after))
	require.Empty(t, same.View(plan.Result{}).Note)
	require.Equal(t, []string{"f"}, names(t, string(root)))
	same.Edit = func([]byte) ([]byte, error) { return nil, errors.New("cannot be edited") }
	require.EqualError(t, same.Apply(t.Context()), "cannot be edited")
	require.FileExists(t, path)
}

// TestDirectoriesAreForEveryone whatever root's umask is.
func TestDirectoriesAreForEveryone(t *testing.T) {
	root := t.TempDir()
	old := syscall.Umask(0o077)
	defer syscall.Umask(old)
	run(t, &host.File{Root: host.Root(root), Path: "/etc/certs.d/ca.crt", Content: []byte("x")})
	run(t, &host.File{Root: host.Root(root), Path: "/own/certs.d/ca.crt", Content: []byte("x"), DirMode: 0o700})
	for name, want := range map[string]string{"etc/certs.d": "drwxr-xr-x", "etc/certs.d/ca.crt": "-rw-r--r--", "etc": "drwxr-xr-x", "own": "drwx------"} {
		info, err := os.Stat(filepath.Join(root, name))
		require.NoError(t, err)
		require.Equal(t, want, info.Mode().String(), name)
	}
}
