package api

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestAPIScripts runs testdata/*.txtar, each in a namespace of its own. What a script can do
// beyond testscript's own commands is in commands_linux_test.go.
func TestAPIScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", Setup: setup, Cmds: commands(), RequireExplicitExec: true, RequireUniqueNames: true,
	})
}

// setup gives a script a fresh home, a namespace $NS, and the kubeconfig of the user
// boss in $KUBECONFIG; those of the others are in $JANE and $DEV.
func setup(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, "home")
	for _, dir := range []string{home, filepath.Join(env.WorkDir, "run")} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
	}
	ns := namespaceOf(env.WorkDir)
	env.Setenv("HOME", home)
	env.Setenv("XDG_RUNTIME_DIR", filepath.Join(env.WorkDir, "run"))
	env.Setenv("NS", ns)
	for user := range users() {
		k := kubeconfigOf(user)
		env.Setenv("SERVER", k.server())
		k.namespace(ns)
		path := filepath.Join(home, user+".kubeconfig")
		if err := k.write(path); err != nil {
			return err
		}
		env.Setenv(strings.ToUpper(user), path)
	}
	env.Setenv("KUBECONFIG", env.Getenv("BOSS"))
	p, err := newProxy()
	if err != nil {
		return err
	}
	env.Defer(p.done)
	env.Values[proxyKey{}] = p
	return newNamespace(ns)
}

// namespaceOf makes a namespace's name of a script's folder, script-volume-add.
func namespaceOf(dir string) string {
	return strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(filepath.Base(dir)), "-"), "-")
}

// kubeconfig is one that cluster has written, which is JSON.
type kubeconfig map[string]any

func kubeconfigOf(user string) kubeconfig {
	data, err := os.ReadFile(filepath.Join(os.Getenv(baseEnv), "api", "conf", "user-"+user+".kubeconfig"))
	if err != nil {
		panic(err)
	}
	k := kubeconfig{}
	if err := json.Unmarshal(data, &k); err != nil {
		panic(err)
	}
	return k
}

func (k kubeconfig) entry(list, key string) map[string]any {
	return k[list].([]any)[0].(map[string]any)[key].(map[string]any)
}

func (k kubeconfig) server() string { return k.entry("clusters", "cluster")["server"].(string) }

func (k kubeconfig) token() string { return k.entry("users", "user")["token"].(string) }

func (k kubeconfig) namespace(ns string) { k.entry("contexts", "context")["namespace"] = ns }

// by leads all requests over another server, whose certificate is given as PEM.
func (k kubeconfig) by(url string, ca []byte) {
	maps.Copy(k.entry("clusters", "cluster"), map[string]any{"server": url, "certificate-authority-data": ca})
}

func (k kubeconfig) write(path string) error {
	data, err := json.MarshalIndent(k, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}
