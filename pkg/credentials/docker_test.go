package credentials_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/types"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/stretchr/testify/require"
)

func dockerLogin(path, host string) error { return dockerStore(path, host, alice) }

// dockerStore does as docker login does: load, store, save by docker's library.
func dockerStore(path, host string, c credentials.Credential) error {
	conf, err := config.Load(filepath.Dir(path))
	if err != nil {
		return err
	}
	conf.AuthConfigs[host] = types.AuthConfig{Username: c.Username, Password: c.Password, ServerAddress: host}
	return conf.Save()
}

func regctlLogin(path, host string) error {
	_, err := credentials.File{Path: path, Format: credentials.Docker}.Store(host, alice)
	return err
}

// TestWhatIsKeptBesideDockersLibrary measures why regctl edits the text of config.json itself
// rather than have docker's library save it. Where the library's column changes, code can go:
// see docs/credentials.md.
func TestWhatIsKeptBesideDockersLibrary(t *testing.T) {
	for name, c := range map[string]struct {
		before string
		mode   os.FileMode
		holds  func(t *testing.T, path string) bool
		docker bool // by docker's library
	}{
		"an unknown key":                {before: `{"newerThanThisLibrary": true}`, holds: contains(`"newerThanThisLibrary": true`)},
		"an unknown member of an entry": {before: `{"auths": {"quay.io": {"auth": "YTpi", "email": "a@example.com"}}}`, holds: contains("a@example.com")},
		"order": {before: `{"currentContext": "default", "auths": {}}`, holds: func(t *testing.T, path string) bool {
			t.Helper()
			return strings.HasPrefix(read(t, path), "{\n\t\"currentContext\"")
		}},
		"a login beside an invalid entry":   {before: `{"auths": {"quay.io": {"auth": "%%"}}}`, holds: contains("localhost:5000")},
		"a login beside an unusual setting": {before: `{"features": {"buildkit": true}}`, holds: contains("localhost:5000")},
		"privacy of a file that all can read": {before: `{}`, mode: 0o644, holds: func(t *testing.T, path string) bool {
			t.Helper()
			info, err := os.Stat(path)
			require.NoError(t, err)
			return info.Mode().Perm() == 0o600
		}},
		"text behind the object, refused": {before: `{} {"auths":`, holds: contains(`{} {"auths":`)},
		"a cut file, refused":             {before: `{"auths": {`, holds: contains(`{"auths": {`), docker: true},
		"a known key":                     {before: `{"credHelpers": {"a": "b"}}`, holds: contains(`"a": "b"`), docker: true},
		"another entry":                   {before: `{"auths": {"quay.io": {"auth": "YTpi"}}}`, holds: contains("YTpi"), docker: true},
	} {
		t.Run(name, func(t *testing.T) {
			for by, login := range map[string]func(path, host string) error{"docker": dockerLogin, "regctl": regctlLogin} {
				path := newPlace(t).write(t, ".docker/config.json", c.before)
				if c.mode == 0 {
					c.mode = 0o600
				}
				require.NoError(t, os.Chmod(path, c.mode))
				_ = login(path, "localhost:5000") // refused or not: the file says
				require.Equal(t, by == "regctl" || c.docker, c.holds(t, path), by)
			}
		})
	}
}

func contains(text string) func(*testing.T, string) bool {
	return func(t *testing.T, path string) bool {
		t.Helper()
		return strings.Contains(read(t, path), text)
	}
}

// TestLoginsAtOnceByDockersLibrary: it has no lock, so that logins at once lose each other's entry.
func TestLoginsAtOnceByDockersLibrary(t *testing.T) {
	lost := false
	for range 20 {
		path := filepath.Join(t.TempDir(), "config.json")
		var all sync.WaitGroup
		for _, host := range []string{"a", "b", "c", "d", "e", "f"} {
			all.Go(func() { _ = dockerLogin(path, host) })
		}
		all.Wait()
		got, err := credentials.Hosts([]credentials.File{{Path: path, Format: credentials.Docker}})
		require.NoError(t, err)
		lost = lost || len(got) < 6
	}
	require.True(t, lost)
}
