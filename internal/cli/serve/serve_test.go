package serve

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/stretchr/testify/require"
)

func TestProgramIsNamedShortlyOnlyWherePATHFindsThisOne(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	other, link := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(other, filepath.Base(self)), []byte("#!/bin/sh\n"), 0o755))
	require.NoError(t, os.Symlink(self, filepath.Join(link, filepath.Base(self))))
	t.Setenv("PATH", t.TempDir())
	require.Equal(t, self, cmdutil.Program())
	t.Setenv("PATH", other)
	require.Equal(t, self, cmdutil.Program(), "another program of the same name")
	t.Setenv("PATH", link)
	require.Equal(t, filepath.Base(self), cmdutil.Program())
}
