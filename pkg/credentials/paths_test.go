package credentials_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/regctl/regctl/pkg/credentials"
	"github.com/stretchr/testify/require"
)

// paths are files by name, with HOME and RUN in place of the folders.
func (p *place) paths(list []credentials.File) []string {
	var out []string
	for _, f := range list {
		out = append(out, strings.NewReplacer(p.home, "HOME", p.run, "RUN").Replace(f.Path))
	}
	return out
}

func TestTargets(t *testing.T) {
	for name, c := range map[string]struct {
		set  map[string]string
		to   string
		want []string
	}{
		"docker":                   {nil, "docker", []string{"HOME/.docker/config.json"}},
		"DOCKER_CONFIG":            {map[string]string{"DOCKER_CONFIG": "/d"}, "docker", []string{"/d/config.json"}},
		"containers":               {nil, "containers", []string{"RUN/user/containers/auth.json"}},
		"all":                      {nil, "all", []string{"HOME/.docker/config.json", "RUN/user/containers/auth.json"}},
		"a file":                   {nil, "./x", []string{"./x"}},
		"REGISTRY_AUTH_FILE":       {map[string]string{"REGISTRY_AUTH_FILE": "/a.json"}, "containers", []string{"/a.json"}},
		"run-time folder missing":  {map[string]string{"XDG_RUNTIME_DIR": "/nowhere/at/all"}, "containers", []string{"HOME/.config/containers/auth.json"}},
		"no run-time folder":       {map[string]string{"XDG_RUNTIME_DIR": ""}, "containers", []string{"HOME/.config/containers/auth.json"}},
		"XDG_CONFIG_HOME":          {map[string]string{"XDG_RUNTIME_DIR": "", "XDG_CONFIG_HOME": "/c"}, "containers", []string{"/c/containers/auth.json"}},
		"both names for one file":  {map[string]string{"REGISTRY_AUTH_FILE": "/d/config.json", "DOCKER_CONFIG": "/d"}, "all", []string{"/d/config.json"}},
		"docker without a HOME":    {map[string]string{"HOME": "", "DOCKER_CONFIG": "/d"}, "docker", []string{"/d/config.json"}},
		"run-time without a HOME":  {map[string]string{"HOME": ""}, "containers", []string{"RUN/user/containers/auth.json"}},
		"REGISTRY_AUTH_FILE, all":  {map[string]string{"REGISTRY_AUTH_FILE": "/a.json"}, "all", []string{"HOME/.docker/config.json", "/a.json"}},
		"docker ignores auth file": {map[string]string{"REGISTRY_AUTH_FILE": "/a.json"}, "docker", []string{"HOME/.docker/config.json"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			for k, v := range c.set {
				p.vars[k] = v
			}
			got, err := credentials.Targets(p.env(), c.to)
			require.NoError(t, err)
			require.Equal(t, c.want, p.paths(got))
		})
	}
}

func TestTargetsWithoutXDGRuntimeDir(t *testing.T) {
	p := newPlace(t)
	p.vars["XDG_RUNTIME_DIR"] = ""
	env := p.env()
	env.UID = 0
	got, err := credentials.Targets(env, "containers")
	require.NoError(t, err)
	require.Equal(t, []string{"RUN/containers/0/auth.json"}, p.paths(got), "root can make it")
	require.NotContains(t, p.paths(credentials.Everywhere(p.env())), "RUN/containers/1000/auth.json", "others may not even look there")

	require.NoError(t, os.MkdirAll(filepath.Join(p.run, "containers/1000"), 0o700))
	got, err = credentials.Targets(p.env(), "containers")
	require.NoError(t, err)
	require.Equal(t, []string{"RUN/containers/1000/auth.json"}, p.paths(got), "it is there")
}

func TestTargetsThatCannotBe(t *testing.T) {
	p := newPlace(t)
	_, err := credentials.Targets(p.env(), "podman")
	requireKind(t, credentials.UnknownTarget, "podman", err)
	p.vars["HOME"], p.vars["XDG_RUNTIME_DIR"] = "", ""
	for _, to := range []string{"all", "docker", "containers"} {
		_, err = credentials.Targets(p.env(), to)
		require.ErrorContains(t, err, "HOME is not set", to)
		requireKind(t, credentials.NoHome, "", err)
	}
}

func TestSources(t *testing.T) {
	p := newPlace(t)
	require.Equal(t, []string{"RUN/user/containers/auth.json", "HOME/.config/containers/auth.json", "HOME/.docker/config.json", "HOME/.dockercfg"},
		p.paths(credentials.Sources(p.env())))
	p.vars["REGISTRY_AUTH_FILE"] = "/a.json"
	require.Equal(t, []string{"/a.json"}, p.paths(credentials.Sources(p.env())))
	require.Len(t, credentials.Everywhere(p.env()), 5)
}
