package kubeconfig_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/regctl/regctl/internal/kubeconfig"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

func write(t *testing.T, dir, name, user string) string {
	t.Helper()
	c := api.NewConfig()
	c.AuthInfos[user] = &api.AuthInfo{Token: "old"}
	path := filepath.Join(dir, name)
	require.NoError(t, clientcmd.WriteToFile(*c, path))
	return path
}

func load(t *testing.T, path string) *api.Config {
	t.Helper()
	c, err := clientcmd.LoadFromFile(path)
	require.NoError(t, err)
	return c
}

// login is what a login changes.
func login(e *kubeconfig.Editor, user string) {
	e.SetCluster("c", &api.Cluster{Server: "https://api.example.com:6443"})
	e.ChangeUser(user, func(info *api.AuthInfo) { info.Token = "new" })
	e.SetContext("x", api.Context{Cluster: "c", AuthInfo: user})
}

func TestEachStanzaStaysInItsFile(t *testing.T) {
	dir := t.TempDir()
	first, second := write(t, dir, "first", "alice"), write(t, dir, "second", "bob")
	e, err := kubeconfig.Open(t.Context(), []string{filepath.Join(dir, "missing"), first, second})
	require.NoError(t, err)
	require.FileExists(t, first+".lock")
	login(e, "bob")
	require.NoError(t, e.Save())
	e.Close()

	one, two := load(t, first), load(t, second)
	require.Equal(t, "new", two.AuthInfos["bob"].Token)
	require.Empty(t, two.Contexts)
	require.Equal(t, "old", one.AuthInfos["alice"].Token)
	require.Equal(t, "x", one.CurrentContext)
	require.Contains(t, one.Clusters, "c")
	for _, path := range []string{first, second} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o600), info.Mode())
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 2, "neither locks nor new files stay")
}

func TestTheLastFileIsMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "config")
	e, err := kubeconfig.Open(t.Context(), []string{path + ".other", path})
	require.NoError(t, err)
	login(e, "alice")
	require.NoError(t, e.Save())
	e.Close()
	require.Equal(t, "new", load(t, path).AuthInfos["alice"].Token)
	require.NoFileExists(t, path+".other")
}

// TestAllOrNone: where one file cannot be written, no other one is.
func TestAllOrNone(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	first, second := write(t, dir, "first", "alice"), write(t, other, "second", "bob")
	e, err := kubeconfig.Open(t.Context(), []string{first, second})
	require.NoError(t, err)
	login(e, "bob")
	require.NoError(t, os.RemoveAll(other)) // so that nothing can be written there
	require.Error(t, e.Save())
	e.Close()
	require.Empty(t, load(t, first).CurrentContext)
}

func TestUsers(t *testing.T) {
	dir := t.TempDir()
	e, err := kubeconfig.Open(t.Context(), []string{write(t, dir, "first", "alice"), write(t, dir, "second", "bob")})
	require.NoError(t, err)
	defer e.Close()
	names := []string{}
	e.Users(func(name string, _ *api.AuthInfo) { names = append(names, name) })
	require.ElementsMatch(t, []string{"alice", "bob"}, names)
}

func TestWhatCannotBeReadIsNotLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(path, []byte("{"), 0o600))
	_, err := kubeconfig.Open(t.Context(), []string{path})
	require.ErrorContains(t, err, "kubeconfig: "+path)
	require.NoFileExists(t, path+".lock")
	_, err = kubeconfig.Open(t.Context(), nil)
	require.ErrorContains(t, err, "no place to store a kubeconfig")
}
