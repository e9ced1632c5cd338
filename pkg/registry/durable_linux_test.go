package registry

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// The kernel refuses to fsync /dev/null and /proc with EINVAL: that shows whether fsync is called.

func TestFilesAreSyncedBeforeTheyAreRenamed(t *testing.T) {
	t.Parallel()
	d, l := durableIn(t)
	require.NoError(t, os.Symlink("/dev/null", filepath.Join(l.root, "data")))
	w, err := d.Writer(t.Context(), "/data", true) // false truncates, which /dev/null refuses too
	require.NoError(t, err)
	_, err = w.Write([]byte("x"))
	require.NoError(t, err)
	require.ErrorIs(t, w.Commit(t.Context()), syscall.EINVAL)
}

func TestDirectoriesAreSynced(t *testing.T) {
	t.Parallel()
	d := newDurable(nil, "/")
	require.ErrorIs(t, d.sync("/proc"), syscall.EINVAL)
	require.ErrorIs(t, d.sync("/proc/missing"), os.ErrNotExist)
	require.NoError(t, d.sync(t.TempDir()))
}
