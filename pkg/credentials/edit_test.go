package credentials_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/regctl/regctl/pkg/credentials"
	"github.com/stretchr/testify/require"
)

func TestEditedFilesAreLaidOutAsByDocker(t *testing.T) {
	const auth = "YWxpY2U6czNjcmV0OndpdGg6Y29sb25z"
	const alone = "{\n\t\"auths\": {\n\t\t\"h\": {\n\t\t\t\"auth\": \"A\"\n\t\t}\n\t}"
	for before, after := range map[string]string{
		"":                              alone + "\n}\n",
		" \n":                           alone + "\n}\n",
		`{"auths":{}}`:                  alone + "\n}",
		`{"auths": null, "x": 1 }`:      alone + ",\n\t\"x\": 1\n}",
		`{"auths":{"h":{"email":"e"}}}`: alone + "\n}",
		"{\r\n  \"x\": 1\r\n}":          "{\n\t\"x\": 1," + alone[1:] + "\n}",
		`{"auths":{"a":1 ,"h":{} }}`:    strings.Replace(alone, "\t\t\"h\"", "\t\t\"a\": 1,\n\t\t\"h\"", 1) + "\n}",
	} {
		p := newPlace(t)
		path := p.write(t, "auth.json", before)
		_, err := credentials.File{Path: path}.Store("h", alice)
		require.NoError(t, err, before)
		require.Equal(t, after, strings.ReplaceAll(read(t, path), auth, "A"), before)
	}
}

func TestErasingTheLastLeavesNoComma(t *testing.T) {
	p := newPlace(t)
	path := p.write(t, "auth.json", `{"auths":{"a":1 ,"h":{} }}`)
	_, err := credentials.File{Path: path}.Erase("h")
	require.NoError(t, err)
	require.JSONEq(t, `{"auths":{"a":1}}`, read(t, path))
}

func TestASymbolicLinkStaysOne(t *testing.T) {
	p := newPlace(t)
	path := p.write(t, "dotfiles/docker.json", `{"auths":{}}`)
	link := filepath.Join(p.home, ".docker/config.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(link), 0o700))
	require.NoError(t, os.Symlink("../dotfiles/docker.json", link))
	dangling := filepath.Join(p.home, ".docker/other.json")
	require.NoError(t, os.Symlink("../dotfiles/new.json", dangling))
	for _, f := range []string{link, dangling} {
		_, err := credentials.File{Path: f, Format: credentials.Docker}.Store("h", alice)
		require.NoError(t, err)
		info, err := os.Lstat(f)
		require.NoError(t, err)
		require.Equal(t, os.ModeSymlink, info.Mode().Type())
	}
	for _, f := range []string{path, filepath.Join(p.home, "dotfiles/new.json")} {
		require.Contains(t, read(t, f), `"h"`)
		info, err := os.Stat(f)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
}

func TestLooseFileIsTightenedAndNothingElseIsLeft(t *testing.T) {
	p := newPlace(t)
	path := p.write(t, "d/auth.json", "{}")
	f := credentials.File{Path: path}
	_, err := f.Store("h", alice)
	require.NoError(t, err)
	require.NoError(t, os.Chmod(path, 0o644))
	_, err = f.Store("h", alice)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1)
}

// TestLoginsAtOnce: no login loses the entry of another.
func TestLoginsAtOnce(t *testing.T) {
	p := newPlace(t)
	f := credentials.File{Path: filepath.Join(p.home, "new/auth.json")}
	hosts := strings.Fields("a b c d e f g h i j")
	errs := make(chan error)
	for _, host := range hosts {
		go func() {
			_, err := f.Store(host, alice)
			errs <- err
		}()
	}
	var all error
	for range hosts {
		all = errors.Join(all, <-errs)
	}
	require.NoError(t, all)
	got, err := credentials.Hosts([]credentials.File{f})
	require.NoError(t, err)
	require.ElementsMatch(t, hosts, got)
}

func TestWhatCannotBeSentIsNotStored(t *testing.T) {
	for _, c := range []credentials.Credential{{}, {Username: "a"}, {Password: "p"}, {Username: "a:b", Password: "p"}, {Username: "a", Password: "p\x00"}, {Username: "a\n", Password: "p"}, {IdentityToken: "\x00"}} {
		path := filepath.Join(t.TempDir(), "auth.json")
		_, err := credentials.File{Path: path}.Store("h", c)
		require.Error(t, err)
		require.NoFileExists(t, path)
	}
}

// FuzzStore: whatever a file holds, either it is refused and stays as it is, or
// the new entry is found in it and all the others have stayed.
func FuzzStore(f *testing.F) {
	for _, seed := range []string{
		"", "{}", `{"auths":{}}`, `{"auths":null}`, `{"auths":{"a":1,"h":{}},"x":[1, 2]}`, `{"auths":[]}`, `[]`, `null`, `{"auths":{},"auths":{}}`,
		`{"auths":{"h":1,"h":2}}`, `{"credHelpers":{"h":1},"credsStore":null}`, "{\"\xff\":1}", `{"a\u0000":"\ud800"}`, "{ /* c */ }", `{"Auths":{}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, before []byte) {
		path := filepath.Join(t.TempDir(), "auth.json")
		require.NoError(t, os.WriteFile(path, before, 0o600))
		file := credentials.File{Path: path}
		if _, err := file.Store("h", alice); err != nil {
			require.Equal(t, string(before), read(t, path))
			return
		}
		c, _, found, err := file.Lookup("h/x")
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, alice, c)
		require.Equal(t, without(t, before), without(t, []byte(read(t, path))))

		had, err := file.Erase("h")
		require.NoError(t, err)
		require.True(t, had)
		require.Equal(t, without(t, before), without(t, []byte(read(t, path))))
	})
}

// without is a file's content but for the entry of host h.
func without(t *testing.T, b []byte) map[string]any {
	t.Helper()
	all := map[string]any{}
	if len(strings.TrimSpace(string(b))) > 0 {
		require.NoError(t, json.Unmarshal(b, &all))
	}
	hosts, ok := all["auths"].(map[string]any)
	delete(hosts, "h")
	if all["auths"] == nil || ok && len(hosts) == 0 {
		delete(all, "auths")
	}
	return all
}

// FuzzLookup: no .dockercfg, config.json or auth.json makes the search fail otherwise than by an error.
func FuzzLookup(f *testing.F) {
	f.Add([]byte(`{"https://h/v1/":{"auth":"YTpw","email":"e"}}`), "h/x")
	f.Add([]byte(`{"auths":{"h/x":{"auth":"Og=="}},"credsStore":""}`), "h/x/y")
	f.Add([]byte("auth = YTpw\nemail = e\n"), "//")
	f.Fuzz(func(t *testing.T, text []byte, ref string) {
		if strings.Contains(string(text), "creds") || strings.Contains(string(text), "credHelpers") || strings.Contains(string(text), `\u`) {
			return // no program is to be run by what a fuzzer makes up
		}
		path := filepath.Join(t.TempDir(), "f")
		require.NoError(t, os.WriteFile(path, text, 0o600))
		for _, format := range []credentials.Format{credentials.Containers, credentials.Docker, credentials.Legacy} {
			c, source, found, err := credentials.File{Path: path, Format: format}.Lookup(ref)
			require.False(t, found && err != nil)
			require.Equal(t, found, err == nil && (c.Password != "" || c.IdentityToken != ""))
			require.Equal(t, found, err == nil && source != "")
		}
	})
}
