package credentials_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/regctl/regctl/pkg/credentials"
	"github.com/stretchr/testify/require"
)

// install puts a credential helper that only notes what it is asked to do on the PATH.
func install(t *testing.T, name string) (log string) {
	t.Helper()
	bin := t.TempDir()
	log = filepath.Join(bin, "log")
	script := "#!/bin/sh\necho $1 $(cat) >>" + log + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "docker-credential-"+name), []byte(script), 0o755))
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	return log
}

func TestDelegateChangesNothingElse(t *testing.T) {
	install(t, credentials.OwnHelper)
	const other = `"HttpHeaders": {"a": "b"}`
	for before, after := range map[string]string{
		"": `{"credHelpers": {"host:5000": "regctl"}}`,
		`{"auths": {"host:5000": {"auth": "YTpi"}, "quay.io": {}}, ` + other + `}`: `{"auths": {"quay.io": {}}, ` + other + `, "credHelpers": {"host:5000": "regctl"}}`,
		`{"credHelpers": {"host:5000": "xyz", "quay.io": "xyz"}}`:                  `{"credHelpers": {"host:5000": "regctl", "quay.io": "xyz"}}`,
	} {
		f := credentials.File{Path: filepath.Join(t.TempDir(), "config.json"), Format: credentials.Docker}
		if before != "" {
			require.NoError(t, os.WriteFile(f.Path, []byte(before), 0o600))
		}
		where, err := credentials.Delegate([]credentials.File{f}, "host:5000", credentials.OwnHelper)
		require.NoError(t, err)
		require.Equal(t, []string{f.Path}, where)
		got, err := os.ReadFile(f.Path)
		require.NoError(t, err)
		require.JSONEq(t, after, string(got))
	}
}

func TestDelegateRefuses(t *testing.T) {
	dir := t.TempDir()
	good := credentials.File{Path: filepath.Join(dir, "config.json"), Format: credentials.Docker}
	_, err := credentials.Delegate([]credentials.File{good}, "host", "none-such")
	requireKind(t, credentials.HelperMissing, "docker-credential-none-such", err)
	require.Equal(t, err, credentials.CanDelegate([]credentials.File{good}, "host", "none-such"))
	require.ErrorContains(t, err, "docker-credential-none-such is not on the PATH")
	install(t, credentials.OwnHelper)
	for _, bad := range []credentials.File{
		{Path: filepath.Join(dir, ".dockercfg"), Format: credentials.Legacy},
		{Path: filepath.Join(dir, "broken"), Format: credentials.Containers},
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "broken"), []byte(`{"credHelpers": []}`), 0o600))
		_, err = credentials.Delegate([]credentials.File{good, bad}, "host", credentials.OwnHelper)
		require.Error(t, err)
		require.Error(t, credentials.CanDelegate([]credentials.File{bad}, "host", credentials.OwnHelper))
		require.NoFileExists(t, good.Path, "all or none")
	}
}

func TestOwnHelperIsTakenOut(t *testing.T) {
	log := install(t, credentials.OwnHelper)
	f := credentials.File{Path: filepath.Join(t.TempDir(), "auth.json")}
	delegate := func() {
		_, err := credentials.Delegate([]credentials.File{f}, "host:5000", credentials.OwnHelper)
		require.NoError(t, err)
	}
	delegate()
	where, err := f.Store("host:5000", credentials.Credential{Username: "alice", Password: "secret"})
	require.NoError(t, err)
	require.Equal(t, f.Path, where, "in the file: the helper keeps no passwords")
	c, _, found, err := f.Lookup("host:5000")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, "alice", c.Username)
	require.NoFileExists(t, log)

	delegate()
	was, err := f.Erase("host:5000")
	require.NoError(t, err)
	require.True(t, was)
	said, err := os.ReadFile(log)
	require.NoError(t, err)
	require.Equal(t, "erase host:5000\n", string(said), "it is not asked for a token first")
	was, err = f.Erase("host:5000")
	require.NoError(t, err)
	require.False(t, was)
}
