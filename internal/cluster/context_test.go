package cluster

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPaths: of $KUBECONFIG what is empty or named twice does not count; the editor would lock it twice.
func TestPaths(t *testing.T) {
	sep := string(filepath.ListSeparator)
	for _, c := range []struct {
		file, variable string
		want           []string
	}{
		{"", "", []string{"/home/.kube/config"}},
		{"", sep, []string{"/home/.kube/config"}},
		{"", sep + "/a" + sep + "/b" + sep + "/a" + sep, []string{"/a", "/b"}},
		{"/c", "/a", []string{"/c"}},
	} {
		env := map[string]string{"HOME": "/home", "KUBECONFIG": c.variable}
		got, err := Config{File: c.file}.Paths(func(name string) string { return env[name] })
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
	none, err := Config{}.Paths(func(string) string { return "" })
	require.NoError(t, err)
	require.Empty(t, none)
}
