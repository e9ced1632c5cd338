package registry_test

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/registry"
	"github.com/stretchr/testify/require"
)

// TestOldPasswordsAreMendedOneByOne: the command that the refusal of an old hash names does mend it.
func TestOldPasswordsAreMendedOneByOne(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "users")
	require.NoError(t, os.WriteFile(file, []byte("ann:$apr1$x$y\nbob:{SHA}x\ncy:$6$x$y\n"), 0o600))
	_, err := registry.OpenUsers(file, slog.New(slog.DiscardHandler))
	require.ErrorContains(t, err, `"ann" is an MD5 hash`)
	for _, name := range []string{"ann", "bob"} {
		added, err := registry.AddUser(file, name, "secret")
		require.NoError(t, err)
		require.False(t, added)
	}
	require.NoError(t, registry.RemoveUser(file, "cy"))
	users, err := registry.OpenUsers(file, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.True(t, users.Check("bob", "secret"))

	other := filepath.Join(t.TempDir(), "passwd")
	require.NoError(t, os.WriteFile(other, []byte("root:x:0:0:root:/root:/bin/sh\n"), 0o600))
	_, err = registry.AddUser(other, "ann", "secret")
	require.ErrorContains(t, err, "passwd:1:", "a file of another kind is not edited")
}

func TestEditedUsersKeepLinkModeAndOwner(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, link := filepath.Join(dir, "users"), filepath.Join(dir, "link")
	_, err := registry.AddUser(file, "ann", "secret")
	require.NoError(t, err)
	require.NoError(t, os.Symlink("users", link))
	require.NoError(t, os.Chmod(file, 0o640))
	owner := os.Getuid()
	if owner == 0 { // only root may give a file away, and only then it matters
		owner = 65534
		require.NoError(t, os.Chown(file, owner, owner))
	}
	_, err = registry.AddUser(link, "bob", "secret")
	require.NoError(t, err)
	to, err := os.Readlink(link)
	require.NoError(t, err)
	require.Equal(t, "users", to)
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode())
	require.EqualValues(t, owner, info.Sys().(*syscall.Stat_t).Uid)
	names, err := registry.ListUsers(file)
	require.NoError(t, err)
	require.Equal(t, []string{"ann", "bob"}, names)
}

// TestPasswordFilesOfPowerShell: Out-File writes UTF-16, or UTF-8 with a byte order mark.
func TestPasswordFilesOfPowerShell(t *testing.T) {
	for name, encode := range map[string]func(string) []byte{
		"UTF-8 with BOM": func(s string) []byte { return append([]byte("\xef\xbb\xbf"), s...) },
		"UTF-16": func(s string) []byte {
			b := []byte("\xff\xfe")
			for _, c := range []byte(s) {
				b = append(b, c, 0)
			}
			return b
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "htpasswd")
			_, err := registry.AddUser(file, "ann", "secret")
			require.NoError(t, err)
			plain, err := os.ReadFile(file)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(file, encode(strings.ReplaceAll(string(plain), "\n", "\r\n")), 0o600))
			_, err = registry.AddUser(file, "bob", "secret")
			require.NoError(t, err)
			users, err := registry.ListUsers(file)
			require.NoError(t, err)
			require.Equal(t, []string{"ann", "bob"}, users)
			b, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, encode("a")[:2], b[:2], "the encoding stays")
		})
	}
}

const secretHash = "$2y$04$J0cVa7NpVmLnRBXkQVNnWuLDkgtWtf7mgySn5ifRNbSxp4vFNRzKu"

// TestEveryLineOfAnHtpasswdFileIsRead: by which tool and on which system it was written does not matter.
func TestEveryLineOfAnHtpasswdFileIsRead(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "users")
	text := "\xef\xbb\xbfann:" + secretHash + "\r\n\r\n# users\r\nbob:" + strings.Replace(secretHash, "$2y", "$2b", 1) + "\r\ncy:" + strings.Replace(secretHash, "$2y", "$2a", 1)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	names, err := registry.ListUsers(file)
	require.NoError(t, err)
	require.Equal(t, []string{"ann", "bob", "cy"}, names)

	added, err := registry.AddUser(file, "ann", "changed") // the first line, behind the byte order mark
	require.NoError(t, err)
	require.False(t, added)
	added, err = registry.AddUser(file, "dan", "new") // after a last line without an end
	require.NoError(t, err)
	require.True(t, added)
	users, err := registry.OpenUsers(file, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.True(t, users.Check("ann", "changed"))
	require.True(t, users.Check("dan", "new"))
	names, err = registry.ListUsers(file)
	require.NoError(t, err)
	require.Equal(t, []string{"ann", "bob", "cy", "dan"}, names)
}

func TestMalformedHtpasswdFilesAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"UTF-16":                   {"a\x00n\x00n\x00", "UTF-16"},
		"line ends of old Macs":    {"ann:" + secretHash + "\rbob:" + secretHash, "corrupted bcrypt hash"},
		"two users on a line":      {"ann:" + secretHash + "bob:" + secretHash, "corrupted bcrypt hash"},
		"a cut hash":               {"ann:" + secretHash[:40], "corrupted bcrypt hash"},
		"a space in the hash":      {"ann:" + secretHash + " admin", "corrupted bcrypt hash"},
		"MD5":                      {"ann:$apr1$x$y", `"ann" is an MD5 hash`},
		"a hash of another kind":   {"ann:$argon2id$v=19$x", "not a bcrypt hash"},
		"no colon":                 {"ann", "users:1: no user name and hash"},
		"twice":                    {"ann:" + secretHash + "\nann:" + secretHash, "users:2: duplicate user"},
		"a longer line than lines": {"ann:" + strings.Repeat("x", 100_000), "users"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "users")
			require.NoError(t, os.WriteFile(file, []byte(c.text), 0o600))
			_, err := registry.OpenUsers(file, slog.New(slog.DiscardHandler))
			require.ErrorContains(t, err, c.want)
			require.NotEmpty(t, hint.Of(err))
		})
	}
}

func TestRealmIsTheConfigured(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "users")
	require.NoError(t, os.WriteFile(file, []byte("ann:"+secretHash+"\n"), 0o600))
	users, err := registry.OpenUsers(file, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	host, _ := start(t, registry.Storage{Kind: "inmemory"}, users)
	for realm, want := range map[string]string{"": `Basic realm="regctl"`, `the "inner" one`: `Basic realm="the \"inner\" one"`} {
		users.Realm = realm
		resp, err := http.Get("http://" + host + "/v2/")
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, want, resp.Header.Get("WWW-Authenticate"))
	}
}
