package credentials_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/regctl/regctl/pkg/credentials"
	"github.com/stretchr/testify/require"
)

var alice = credentials.Credential{Username: "alice", Password: "s3cret:with:colons"}

// place is a fresh home with a run-time folder, and its variables.
type place struct {
	home, run string
	vars      map[string]string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	dir := t.TempDir()
	p := &place{home: filepath.Join(dir, "home"), run: filepath.Join(dir, "run"), vars: map[string]string{}}
	require.NoError(t, os.MkdirAll(filepath.Join(p.run, "user"), 0o700))
	require.NoError(t, os.MkdirAll(p.home, 0o700))
	p.vars["HOME"], p.vars["XDG_RUNTIME_DIR"] = p.home, filepath.Join(p.run, "user")
	return p
}

func (p *place) env() credentials.Env {
	return credentials.Env{Getenv: func(name string) string { return p.vars[name] }, UID: 1000, Run: p.run}
}

func (p *place) write(t *testing.T, path, text string) string {
	t.Helper()
	path = filepath.Join(p.home, path)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}

// requireKind fails unless an error is of this kind and about this name.
func requireKind(t *testing.T, kind credentials.Kind, name string, err error) {
	t.Helper()
	e, ok := errors.AsType[*credentials.Error](err)
	require.True(t, ok, err)
	require.Equal(t, kind, e.Kind)
	require.Equal(t, name, e.Name)
}

// holds fails unless a file is this text, to the byte.
func holds(t *testing.T, path, want string) {
	t.Helper()
	require.Equal(t, want, read(t, path))
}

func TestStoreAndLookupInBoth(t *testing.T) {
	p := newPlace(t)
	files, err := credentials.Targets(p.env(), "all")
	require.NoError(t, err)
	where, err := credentials.Store(files, "localhost:5000", alice)
	require.NoError(t, err)
	docker, containers := filepath.Join(p.home, ".docker/config.json"), filepath.Join(p.run, "user/containers/auth.json")
	require.Equal(t, []string{docker, containers}, where)
	for _, path := range where {
		holds(t, path, "{\n\t\"auths\": {\n\t\t\"localhost:5000\": {\n\t\t\t\"auth\": \"YWxpY2U6czNjcmV0OndpdGg6Y29sb25z\"\n\t\t}\n\t}\n}\n")
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		dir, err := os.Stat(filepath.Dir(path))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o700), dir.Mode().Perm())
	}
	c, source, found, err := credentials.Lookup(p.env(), "localhost:5000/team/app")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, alice, c)
	require.Equal(t, containers, source)

	gone, err := credentials.Erase(credentials.Everywhere(p.env()), "localhost:5000")
	require.NoError(t, err)
	require.ElementsMatch(t, where, gone)
	_, _, found, err = credentials.Lookup(p.env(), "localhost:5000")
	require.NoError(t, err)
	require.False(t, found)
}

// TestOtherEntriesStay: order, keys that docker's library does not know, and numbers stay; spaces become docker's.
func TestOtherEntriesStay(t *testing.T) {
	p := newPlace(t)
	path := p.write(t, ".docker/config.json", "{\n  \"HttpHeaders\": {\"X\": \"1\"},\r\n  \"auths\": {\n    \"quay.io\": { \"auth\":\"YTpi\", \"odd\": 1e400 }\n  },\n  \"unknown\": [1,\n2]\n}")
	const before, after = "{\n\t\"HttpHeaders\": {\n\t\t\"X\": \"1\"\n\t},\n\t\"auths\": {\n\t\t\"quay.io\": {\n\t\t\t\"auth\": \"YTpi\",\n\t\t\t\"odd\": 1e400\n\t\t}",
		"\n\t},\n\t\"unknown\": [\n\t\t1,\n\t\t2\n\t]\n}"
	files, err := credentials.Targets(p.env(), "docker")
	require.NoError(t, err)
	_, err = files[0].Store("localhost:5000", alice)
	require.NoError(t, err)
	holds(t, path, before+",\n\t\t\"localhost:5000\": {\n\t\t\t\"auth\": \"YWxpY2U6czNjcmV0OndpdGg6Y29sb25z\"\n\t\t}"+after)

	had, err := files[0].Erase("localhost:5000")
	require.NoError(t, err)
	require.True(t, had)
	holds(t, path, before+after)
	had, err = files[0].Erase("localhost:5000")
	require.NoError(t, err)
	require.False(t, had)
}

func TestNothingIsWrittenWhereOneFileIsBroken(t *testing.T) {
	p := newPlace(t)
	path := p.write(t, ".docker/config.json", "{\n  \"auths\": {\n")
	files, err := credentials.Targets(p.env(), "all")
	require.NoError(t, err)
	_, err = credentials.Store(files, "localhost:5000", alice)
	require.ErrorContains(t, err, path+":2:13: not a credentials file: unexpected end of JSON input")
	requireKind(t, credentials.MalformedFile, path, err)
	require.NoDirExists(t, filepath.Join(p.run, "user/containers"))
	holds(t, path, "{\n  \"auths\": {\n")
}

// TestLoginsLeftByAKilledProcessAreRemoved: by a login that changes nothing too, and by a logout where there is no file.
func TestLoginsLeftByAKilledProcessAreRemoved(t *testing.T) {
	const name = ".config.json4611686018427387904"
	p := newPlace(t)
	f := credentials.File{Path: filepath.Join(p.home, ".docker/config.json"), Format: credentials.Docker}
	killed := p.write(t, ".docker/"+name, "secret")
	had, err := f.Erase("localhost:5000")
	require.NoError(t, err)
	require.False(t, had)
	require.NoFileExists(t, killed)
	for range 2 {
		p.write(t, ".docker/"+name, "secret")
		_, err = f.Store("localhost:5000", alice)
		require.NoError(t, err)
		require.NoFileExists(t, killed)
	}
	link := filepath.Join(p.home, "link.json")
	require.NoError(t, os.Symlink(f.Path, link))
	p.write(t, ".docker/"+name, "secret")
	credentials.RemoveLeftovers([]credentials.File{{Path: link}})
	require.NoFileExists(t, killed)
}

// TestAllOrNothing: an error leaves every file as it was, and no temporary file.
func TestAllOrNothing(t *testing.T) {
	const text = `{"auths": {"h": {"auth": "YTpw"}}}`
	p := newPlace(t)
	good := credentials.File{Path: p.write(t, "good/auth.json", text)}
	bad := credentials.File{Path: p.write(t, "bad/auth.json", "{")}
	where, err := credentials.Erase([]credentials.File{good, bad}, "h")
	requireKind(t, credentials.MalformedFile, bad.Path, err)
	require.Empty(t, where)
	holds(t, good.Path, text)
	require.Len(t, entries(t, filepath.Dir(good.Path)), 1)

	bin := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(bin, "docker-credential-failing"), []byte("#!/bin/sh\necho cannot store \"$(cat)\"; exit 1\n"), 0o755))
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	helped := credentials.File{Path: p.write(t, "helped/auth.json", `{"credHelpers": {"h": "failing"}}`)}
	where, err = credentials.Store([]credentials.File{good, helped}, "h", credentials.Credential{Username: "a", Password: "first\n\"second\""})
	requireKind(t, credentials.HelperFailed, "docker-credential-failing", err)
	require.Equal(t, []string{good.Path}, where, "this file was replaced before")
	require.NotContains(t, err.Error(), "first")
	require.NotContains(t, err.Error(), "second")
	holds(t, helped.Path, `{"credHelpers": {"h": "failing"}}`)
	require.Len(t, entries(t, filepath.Dir(helped.Path)), 1)

	_, err = credentials.File{Path: "/proc/none/auth.json"}.Store("h", alice)
	requireKind(t, credentials.NoAccess, "/proc/none/auth.json", err)
}

func entries(t *testing.T, dir string) []os.DirEntry {
	t.Helper()
	all, err := os.ReadDir(dir)
	require.NoError(t, err)
	return all
}

func TestTheSameLoginLeavesTheFileInPlace(t *testing.T) {
	f := credentials.File{Path: filepath.Join(t.TempDir(), "auth.json")}
	_, err := f.Store("h", alice)
	require.NoError(t, err)
	before, err := os.Stat(f.Path)
	require.NoError(t, err)
	where, err := f.Store("h", alice)
	require.NoError(t, err)
	require.Equal(t, f.Path, where)
	after, err := os.Stat(f.Path)
	require.NoError(t, err)
	require.True(t, os.SameFile(before, after))
}
