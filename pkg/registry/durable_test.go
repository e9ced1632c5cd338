package registry

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
	"github.com/stretchr/testify/require"
)

// syncLog notes the directories that were synced, and which of the files existed then.
type syncLog struct {
	root   string
	events []string
	fail   string // directory whose sync fails
}

func (l *syncLog) sync(dir string) error {
	at, err := filepath.Rel(l.root, dir)
	if err != nil {
		return err
	}
	for _, file := range []string{"uploads/1/data", "blobs/sha256/ab/abc/data"} {
		if _, err := os.Stat(filepath.Join(l.root, file)); err == nil {
			at += " with " + file
		}
	}
	l.events = append(l.events, at)
	if l.fail == dir {
		return os.ErrInvalid
	}
	return nil
}

func durableIn(t *testing.T) (*durable, *syncLog) {
	t.Helper()
	l := &syncLog{root: t.TempDir()}
	d := newDurable(filesystem.New(filesystem.DriverParameters{RootDirectory: l.root, MaxThreads: 25}), l.root)
	d.sync = l.sync
	return d, l
}

// TestMoveSyncsNames: a blob that was acknowledged survives a power cut: after the
// rename, its directory and each new directory above it are synced.
func TestMoveSyncsNames(t *testing.T) {
	t.Parallel()
	d, l := durableIn(t)
	require.NoError(t, d.PutContent(t.Context(), "/uploads/1/data", []byte("x")))
	require.Equal(t, []string{"uploads/1 with uploads/1/data", "uploads with uploads/1/data", ". with uploads/1/data"}, l.events)

	l.events = nil
	require.NoError(t, d.Move(t.Context(), "/uploads/1/data", "/blobs/sha256/ab/abc/data"))
	require.Equal(t, []string{
		"blobs/sha256/ab/abc with blobs/sha256/ab/abc/data", "blobs/sha256/ab with blobs/sha256/ab/abc/data",
		"blobs/sha256 with blobs/sha256/ab/abc/data", "blobs with blobs/sha256/ab/abc/data", ". with blobs/sha256/ab/abc/data",
	}, l.events, "each after the rename")

	l.events = nil
	require.NoError(t, d.PutContent(t.Context(), "/blobs/sha256/ab/other/data", nil))
	require.Len(t, l.events, 2, "the directories above are known to be on the disk: %s", l.events)

	l.events = nil
	require.NoError(t, d.Delete(t.Context(), "/blobs/sha256/ab"))
	require.NoError(t, d.PutContent(t.Context(), "/blobs/sha256/ab/abc/data", nil))
	require.Len(t, l.events, 5, "deleted directories are created again")
}

// TestFailedSyncFailsTheCall: nothing is acknowledged that may be lost.
func TestFailedSyncFailsTheCall(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"b/c", "b", "."} {
		d, l := durableIn(t)
		require.NoError(t, d.PutContent(t.Context(), "/a", []byte("x")))
		l.fail = filepath.Join(l.root, dir)
		require.ErrorIs(t, d.Move(t.Context(), "/a", "/b/c/data"), os.ErrInvalid, dir)
		require.ErrorIs(t, d.PutContent(t.Context(), "/b/c/data", nil), os.ErrInvalid, "%s: the directory is not taken to be on the disk", dir)
	}
}
