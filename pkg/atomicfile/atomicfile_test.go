package atomicfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gofrs/flock"
	"github.com/regctl/regctl/pkg/atomicfile"
	"github.com/stretchr/testify/require"
)

func TestWriteKeepsLinksAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	link, target := filepath.Join(dir, "link"), filepath.Join(dir, "folder", "target")
	require.NoError(t, os.Mkdir(filepath.Dir(target), 0o755))
	require.NoError(t, os.Symlink(filepath.Join("folder", "target"), link))
	for _, text := range []string{"one", "two"} { // at first the link leads nowhere
		require.NoError(t, atomicfile.Write(link, []byte(text), 0o640))
		got, err := os.ReadFile(target)
		require.NoError(t, err)
		require.Equal(t, text, string(got))
		to, err := os.Readlink(link)
		require.NoError(t, err)
		require.Equal(t, filepath.Join("folder", "target"), to)
		info, err := os.Stat(target)
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o640), info.Mode())
	}
	for folder, want := range map[string]int{dir: 2, filepath.Dir(target): 1} {
		all, err := os.ReadDir(folder)
		require.NoError(t, err)
		require.Len(t, all, want)
	}
}

// TestWriteKeepsTheOwner: who is root gives the file back to its owner; for others it is their own.
func TestWriteKeepsTheOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	owner := os.Geteuid()
	if owner == 0 {
		owner = 1001
		require.NoError(t, os.Chown(path, owner, owner))
	}
	require.NoError(t, atomicfile.Write(path, []byte("text"), 0o600))
	info, err := os.Stat(path)
	require.NoError(t, err)
	st, ok := info.Sys().(*syscall.Stat_t)
	require.True(t, ok)
	require.Equal(t, owner, int(st.Uid))
}

// TestLeftoversOfKilledProcesses: they are removed by the next write; files in use and files of the user stay.
func TestLeftoversOfKilledProcesses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "config.json")
	inUse, err := atomicfile.Stage(path, 0o600)
	require.NoError(t, err)
	killed := filepath.Join(dir, ".config.json4611686018427387904")
	require.NoError(t, os.WriteFile(killed, []byte("secret"), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, ".config.json4611686018427387905"), 0o700))
	for _, own := range []string{".config.json20261129113000", ".config.json4611686018427387904.bak", ".config.jsonx4611686018427387904", ".other4611686018427387904"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, own), nil, 0o600))
	}
	second, err := atomicfile.Stage(path, 0o600)
	require.NoError(t, err)
	require.NoFileExists(t, killed)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 7)
	for _, f := range []*atomicfile.File{second, inUse} {
		_, err = f.WriteString("text")
		require.NoError(t, err)
		require.NoError(t, f.CloseAtomicallyReplace())
		require.NoError(t, f.Cleanup(), "nothing to do")
	}
	left, err = os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 6)

	lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
	free, err := lock.TryLock()
	require.NoError(t, err)
	require.True(t, free, "no lock stays on the file in place")
	require.NoError(t, lock.Close())
	third, err := atomicfile.Stage(path, 0o600)
	require.NoError(t, err)
	require.NoError(t, third.Cleanup())
	atomicfile.RemoveLeftovers(filepath.Join(dir, "missing", "file"))
}

// TestWritesAtOnceDoNotRemoveEachOther: each one is in place or replaced, none is taken for a leftover.
func TestWritesAtOnceDoNotRemoveEachOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	errs := make(chan error)
	for range 16 {
		go func() {
			var err error
			for range 20 {
				err = errors.Join(err, atomicfile.Write(path, []byte("text"), 0o600))
			}
			errs <- err
		}()
	}
	for range 16 {
		require.NoError(t, <-errs)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1)
}

func TestWriteFails(t *testing.T) {
	dir := t.TempDir()
	require.ErrorIs(t, atomicfile.Write(filepath.Join(dir, "missing", "file"), nil, 0o600), fs.ErrNotExist)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "full", "content"), 0o700))
	require.Error(t, atomicfile.Write(filepath.Join(dir, "full"), nil, 0o600))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1, "the temporary file is removed")
}

func TestBehindEndsInCircles(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	require.NoError(t, os.Symlink(a, b))
	require.NoError(t, os.Symlink(b, a))
	require.Contains(t, []string{a, b}, atomicfile.Behind(a))
	require.Equal(t, filepath.Join(dir, "missing"), atomicfile.Behind(filepath.Join(dir, "missing")))
}

func TestCause(t *testing.T) {
	_, err := os.ReadFile(filepath.Join(t.TempDir(), "missing"))
	require.EqualError(t, atomicfile.Cause(err), "no such file or directory")
	require.ErrorIs(t, atomicfile.Cause(err), fs.ErrNotExist)
	require.NoError(t, atomicfile.Cause(nil))
}

// TestRootLeavesNothingOfItsOwnInAHome: sudo keeps HOME on some systems.
func TestRootLeavesNothingOfItsOwnInAHome(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can")
	}
	home, other := t.TempDir(), t.TempDir()
	require.NoError(t, os.Chown(home, 1001, 1002))
	t.Setenv("HOME", home)
	owner := func(path string) [2]uint32 {
		info, err := os.Stat(path)
		require.NoError(t, err)
		st, ok := info.Sys().(*syscall.Stat_t)
		require.True(t, ok)
		return [2]uint32{st.Uid, st.Gid}
	}
	made, err := atomicfile.MkdirAll(filepath.Join(home, ".config/docker"), 0o700)
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(home, ".config/docker"), filepath.Join(home, ".config")}, made)
	file := filepath.Join(made[0], "config.json")
	require.NoError(t, atomicfile.Write(file, nil, 0o600))
	for _, path := range append(made, file) {
		require.Equal(t, [2]uint32{1001, 1002}, owner(path), path)
	}
	require.NoError(t, os.Chown(file, 0, 0)) // what is root's own stays root's
	require.NoError(t, atomicfile.Write(file, nil, 0o600))
	require.Equal(t, [2]uint32{0, 0}, owner(file))
	made, err = atomicfile.MkdirAll(filepath.Join(other, "etc"), 0o755)
	require.NoError(t, err)
	require.Equal(t, [2]uint32{0, 0}, owner(made[0]))
}

func TestMkdirAll(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o2755)) //nolint:gosec // directories below inherit the group
	made, err := atomicfile.MkdirAll(filepath.Join(dir, "a"), 0o750)
	require.NoError(t, err)
	info, err := os.Stat(made[0])
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o750), info.Mode().Perm())
	again, err := atomicfile.MkdirAll(made[0], 0o700)
	require.NoError(t, err)
	require.Empty(t, again)
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, path := range []string{file, filepath.Join(file, "sub")} {
		_, err = atomicfile.MkdirAll(path, 0o700)
		require.ErrorIs(t, err, syscall.ENOTDIR, path)
	}
}

func TestLock(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	_, err := atomicfile.Lock(dir)
	require.ErrorIs(t, err, fs.ErrNotExist)
	busy := false
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			assert.NoError(t, atomicfile.InDir(dir, 0o700, func() error {
				assert.False(t, busy)
				busy = true
				time.Sleep(time.Millisecond)
				busy = false
				return os.Remove(dir) // the next one makes it anew
			}))
		})
	}
	all.Wait()
}
