package credentials_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/regctl/regctl/pkg/credentials"
	"github.com/stretchr/testify/require"
)

// Entries are USER:p in base64: a:p YTpw, b:p Yjpw, c:p Yzpw, d:p ZDpw.
func TestTheMostSpecificKeyWins(t *testing.T) {
	p := newPlace(t)
	p.write(t, ".config/containers/auth.json", `{"auths": {
		"quay.io": {"auth": "YTpw"}, "quay.io/team": {"auth": "Yjpw"}, "quay.io/team/app": {"auth": "Yzpw"},
		"docker.io": {"auth": "ZDpw"}, "https://old.example.com/v1/": {"auth": "YTpw"}, "marked.example.com": {}}}`)
	for ref, want := range map[string]string{
		"quay.io": "a", "quay.io/other": "a", "quay.io/teammate/app": "a", "quay.io/team": "b", "quay.io/team/x": "b",
		"quay.io/team/app": "c", "quay.io/team/app/deep": "c",
		"docker.io": "d", "index.docker.io/library/x": "d", "registry-1.docker.io/x": "d",
		"old.example.com/x": "a", "quay.io:443": "", "marked.example.com": "", "team": "", "": "",
	} {
		c, _, found, err := credentials.Lookup(p.env(), ref)
		require.NoError(t, err, ref)
		require.Equal(t, want, c.Username, ref)
		require.Equal(t, want != "", found, ref)
	}
}

func TestTheFirstFileWins(t *testing.T) {
	p := newPlace(t)
	old := p.write(t, ".dockercfg", `{"https://quay.io/v1/": {"auth": "YTpw", "email": "x"}}`)
	docker := filepath.Join(p.home, ".docker/config.json")
	persistent := filepath.Join(p.home, ".config/containers/auth.json")
	runtime := filepath.Join(p.vars["XDG_RUNTIME_DIR"], "containers/auth.json")
	for _, step := range []struct{ path, text, user string }{
		{old, `{"https://quay.io/v1/": {"auth": "YTpw", "email": "x"}}`, "a"},
		{docker, `{"auths": {"quay.io": {"username": "b", "password": "p"}}}`, "b"},
		{persistent, `{"auths": {"quay.io": {"auth": "Yzpw"}}}`, "c"},
		{runtime, `{"auths": {"quay.io": {"auth": "ZDpw"}}}`, "d"},
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(step.path), 0o700))
		require.NoError(t, os.WriteFile(step.path, []byte(step.text), 0o600))
		c, source, found, err := credentials.Lookup(p.env(), "quay.io/x")
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, step.user, c.Username)
		require.Equal(t, step.path, source)
	}
	p.vars["REGISTRY_AUTH_FILE"] = filepath.Join(p.home, "none.json")
	_, _, found, err := credentials.Lookup(p.env(), "quay.io")
	require.NoError(t, err)
	require.False(t, found, "no other file counts where one is named")
}

func TestIdentityToken(t *testing.T) {
	p := newPlace(t)
	files, err := credentials.Targets(p.env(), "docker")
	require.NoError(t, err)
	want := credentials.Credential{Username: "alice", IdentityToken: "refresh"}
	_, err = files[0].Store("quay.io", want)
	require.NoError(t, err)
	got, _, found, err := credentials.Lookup(p.env(), "quay.io")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, want, got)
}

func TestAnEntryThatIsBrokenHurtsOnlyItsHost(t *testing.T) {
	p := newPlace(t)
	path := p.write(t, ".docker/config.json", `{"auths": {"quay.io": {"auth": "%%"}, "b.io": {"auth": "Yjpw"}, "c.io": "x"}}`)
	_, _, _, err := credentials.Lookup(p.env(), "quay.io")
	require.EqualError(t, err, path+": the entry of quay.io: auth is not the base64 of USER:PASSWORD")
	_, _, _, err = credentials.Lookup(p.env(), "c.io")
	require.ErrorContains(t, err, "not an object of strings")
	_, _, found, err := credentials.Lookup(p.env(), "b.io")
	require.NoError(t, err)
	require.True(t, found)
}

func TestCredentialsInTheEnvironment(t *testing.T) {
	p := newPlace(t)
	p.write(t, ".docker/config.json", `{"auths": {"quay.io": {"auth": "YTpw"}, "b.io": {"auth": "Yjpw"}}}`)
	p.vars["DOCKER_AUTH_CONFIG"] = `{"auths": {"quay.io": {"auth": "Yzpw"}}}`
	for host, user := range map[string]string{"quay.io": "c", "b.io": "b"} {
		c, _, _, err := credentials.Lookup(p.env(), host)
		require.NoError(t, err)
		require.Equal(t, user, c.Username)
	}
	p.vars["DOCKER_AUTH_CONFIG"] = "{"
	_, _, _, err := credentials.Lookup(p.env(), "quay.io")
	require.ErrorContains(t, err, "$DOCKER_AUTH_CONFIG:1:1: not a credentials file")
	requireKind(t, credentials.MalformedFile, "$DOCKER_AUTH_CONFIG", err)
}

func TestEraseFindsOldSpellings(t *testing.T) {
	p := newPlace(t)
	old := p.write(t, ".dockercfg", `{"https://quay.io/v1/": {"auth": "YTpw"}, "https://index.docker.io/v1/": {"auth": "YTpw"}}`)
	docker := p.write(t, ".docker/config.json", `{"auths": {"https://quay.io": {"auth": "YTpw"}, "quay.io": {}, "quay.io/team": {"auth": "YTpw"}}}`)
	where, err := credentials.Erase(credentials.Everywhere(p.env()), "quay.io")
	require.NoError(t, err)
	require.Equal(t, []string{docker, old}, where)
	require.JSONEq(t, `{"auths": {"quay.io/team": {"auth": "YTpw"}}}`, read(t, docker))
	_, err = credentials.Erase(credentials.Everywhere(p.env()), "docker.io")
	require.NoError(t, err)
	holds(t, old, `{}`)
}

// TestPasswordsOfAnyBytesButNUL: also where docker has written the entry.
func TestPasswordsOfAnyBytesButNUL(t *testing.T) {
	var all []byte
	for b := 1; b < 256; b++ {
		all = append(all, byte(b))
	}
	for _, password := range []string{"{\n  \"type\": \"service_account\"\n}\n", " \t", "p\r\n", string(all)} {
		for _, login := range []func(path, host string, c credentials.Credential) error{
			func(path, host string, c credentials.Credential) error {
				_, err := credentials.File{Path: path}.Store(host, c)
				return err
			},
			dockerStore,
		} {
			path := filepath.Join(t.TempDir(), "config.json")
			want := credentials.Credential{Username: "_json_key", Password: password}
			require.NoError(t, login(path, "gcr.io", want))
			got, _, found, err := credentials.File{Path: path}.Lookup("gcr.io/p/app")
			require.NoError(t, err)
			require.True(t, found)
			require.Equal(t, want, got)
		}
	}
}

// TestCapitalsInHosts: docker stores a host as it is typed, and names of hosts have no case.
func TestCapitalsInHosts(t *testing.T) {
	p := newPlace(t)
	path := p.write(t, ".docker/config.json", `{"auths": {"Registry.Example.com:5000": {"auth": "YTpw"}, "https://Quay.io/v1/": {"auth": "Yjpw"}}}`)
	for ref, user := range map[string]string{
		"Registry.Example.com:5000/team/app": "a", "registry.example.com:5000": "a", "QUAY.io": "b", "quay.io/team": "b", "registry.example.com": "",
	} {
		c, _, found, err := credentials.Lookup(p.env(), ref)
		require.NoError(t, err)
		require.Equal(t, user != "", found, ref)
		require.Equal(t, user, c.Username, ref)
	}
	hosts, err := credentials.Hosts(credentials.Everywhere(p.env()))
	require.NoError(t, err)
	require.Equal(t, []string{"quay.io", "registry.example.com:5000"}, hosts)

	f := credentials.File{Path: path, Format: credentials.Docker}
	_, err = f.Store("REGISTRY.example.com:5000", alice)
	require.NoError(t, err)
	c, _, _, err := f.Lookup("registry.example.com:5000")
	require.NoError(t, err)
	require.Equal(t, alice, c, "the new login counts")
	require.Contains(t, read(t, path), `"REGISTRY.example.com:5000"`, "docker compares to the letter")
	had, err := f.Erase("Registry.Example.COM:5000")
	require.NoError(t, err)
	require.True(t, had)
	require.JSONEq(t, `{"auths": {"https://Quay.io/v1/": {"auth": "Yjpw"}}}`, read(t, path))
	require.Equal(t, "docker.io", credentials.HostOf("https://Index.Docker.io/v1/"))
}
