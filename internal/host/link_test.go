package host

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLink(t *testing.T) {
	dir := t.TempDir()
	l := &Link{Path: filepath.Join(dir, "bin", "link"), Target: "/somewhere"}
	live, err := l.Live(t.Context())
	require.NoError(t, err)
	require.Nil(t, live)
	require.NoError(t, l.Apply(t.Context()))
	want, err := l.Want(t.Context(), false)
	require.NoError(t, err)
	live, err = l.Live(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, live)

	l.Target = "/elsewhere"
	require.NoError(t, l.Apply(t.Context()))
	target, err := os.Readlink(l.Path)
	require.NoError(t, err)
	require.Equal(t, "/elsewhere", target)

	file := &Link{Path: filepath.Join(dir, "file")}
	require.NoError(t, os.WriteFile(file.Path, nil, 0o600))
	_, err = file.Live(t.Context())
	require.ErrorContains(t, err, "not a symbolic link")
	below := &Link{Path: filepath.Join(file.Path, "link")}
	_, err = below.Live(t.Context())
	require.ErrorContains(t, err, "not a directory")
}
