package node

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/regctl/regctl/e2e/scripts"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestNodeScripts runs testdata/*.txtar, each in a namespace of its own. README.md of
// the folder above lists what a script can do beyond testscript's own commands.
func TestNodeScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", Setup: setup, Cmds: commands(), RequireExplicitExec: true, RequireUniqueNames: true,
	})
}

// setup makes the namespace, and says in the end what has become of the pods of a
// script that has failed.
func setup(env *testscript.Env) error {
	err := scripts.Setup(env, func(user string) string {
		return filepath.Join(nodeDir(), "conf", "user-"+user+".kubeconfig")
	})
	if err != nil {
		return err
	}
	env.Setenv("IMAGE", os.Getenv(imageEnv))
	env.Defer(func() { tell(env) })
	_, err = kubectl(env, "create", "namespace", env.Getenv("NS"))
	return err
}

func kubectl(env *testscript.Env, args ...string) (string, error) {
	cmd := exec.Command("kubectl", args...)
	cmd.Env = env.Vars
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", cmd, err, out)
	}
	return string(out), err
}

func tell(env *testscript.Env) {
	t, ok := env.T().(interface {
		Failed() bool
		Logf(format string, args ...any)
	})
	if !ok || !t.Failed() {
		return
	}
	for _, args := range [][]string{{"get", "all,pvc", "-o", "wide"}, {"describe", "pods"}, {"logs", "-l", "docker-registry", "--all-containers", "--tail=30"}} {
		out, err := kubectl(env, args...)
		t.Logf("---- kubectl %s (%v):\n%s", strings.Join(args, " "), err, out)
	}
}
