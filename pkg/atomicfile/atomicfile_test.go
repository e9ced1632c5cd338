package atomicfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

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
