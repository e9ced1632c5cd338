package api

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/regctl/regctl/e2e/scripts"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

// TestAPIAlone runs testdata/alone/*.txtar before the other scripts: they count requests, and those others add
// kinds to the server, which regctl would ask for too.
func TestAPIAlone(t *testing.T) { testscript.Run(t, params("testdata/alone", false)) }

// TestAPIScripts runs testdata/*.txtar, each in a namespace of its own. README.md of
// the folder above lists what a script can do beyond testscript's own commands.
func TestAPIScripts(t *testing.T) { testscript.Run(t, params("testdata", false)) }

// TestAPIScriptsOld runs some of them once more, with an API server that looks as Kubernetes 1.11
// does, to kubectl too: it knows neither server-side apply nor dry runs. There, the condition [old] holds.
func TestAPIScriptsOld(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"registry-deploy", "repeat", "volume", "concurrent", "faults-deploy", "faults-apply", "faults-expose"} {
		text, err := os.ReadFile(filepath.Join("testdata", name+".txtar"))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "old-"+name+".txtar"), text, 0o600))
	}
	testscript.Run(t, params(dir, true))
}

func params(dir string, old bool) testscript.Params {
	commands := scripts.Commands()
	commands["interrupted"] = interrupted                     // faults_linux_test.go
	commands["again"], commands["requests"] = again, requests // repeat_linux_test.go
	commands["tokenregistry"] = tokenregistry                 // registry_linux_test.go
	return testscript.Params{
		Dir: dir, Cmds: commands, RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error { return setup(env, old) },
		Condition: func(name string) (bool, error) {
			if name != "old" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return old, nil
		},
	}
}

func setup(env *testscript.Env, old bool) error {
	if err := scripts.Setup(env, kubeconfigFile); err != nil {
		return err
	}
	p, err := newProxy(old)
	if err != nil {
		return err
	}
	env.Defer(p.done)
	env.Values[proxyKey{}] = p
	if old {
		if err := p.kubeconfig(env.Getenv("BOSS"), env.Getenv("NS")); err != nil {
			return err
		}
	}
	return newNamespace(env.Getenv("NS"))
}

// kubeconfigFile is that of a user.
func kubeconfigFile(user string) string {
	return filepath.Join(os.Getenv(baseEnv), "api", "conf", "user-"+user+".kubeconfig")
}

func boss() (scripts.Kubeconfig, error) { return scripts.ReadKubeconfig(kubeconfigFile("boss")) }
