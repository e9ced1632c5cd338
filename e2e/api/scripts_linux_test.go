package api

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/regctl/regctl/e2e/scripts"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestAPIScripts runs testdata/*.txtar, each in a namespace of its own. README.md of
// the folder above lists what a script can do beyond testscript's own commands.
func TestAPIScripts(t *testing.T) {
	commands := scripts.Commands()
	commands["interrupted"] = interrupted                     // faults_linux_test.go
	commands["again"], commands["requests"] = again, requests // repeat_linux_test.go
	testscript.Run(t, testscript.Params{
		Dir: "testdata", Setup: setup, Cmds: commands, RequireExplicitExec: true, RequireUniqueNames: true,
	})
}

func setup(env *testscript.Env) error {
	if err := scripts.Setup(env, kubeconfigFile); err != nil {
		return err
	}
	p, err := newProxy()
	if err != nil {
		return err
	}
	env.Defer(p.done)
	env.Values[proxyKey{}] = p
	return newNamespace(env.Getenv("NS"))
}

// kubeconfigFile is that of a user.
func kubeconfigFile(user string) string {
	return filepath.Join(os.Getenv(baseEnv), "api", "conf", "user-"+user+".kubeconfig")
}

func boss() (scripts.Kubeconfig, error) { return scripts.ReadKubeconfig(kubeconfigFile("boss")) }
