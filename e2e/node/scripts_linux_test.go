package node

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/regctl/regctl/e2e/cluster"
	"github.com/regctl/regctl/e2e/cluster/openshift"
	"github.com/regctl/regctl/e2e/scripts"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

// TestNodeScripts runs testdata/*.txtar, each in a namespace of its own. README.md of
// the folder above lists what a script can do beyond testscript's own commands.
func TestNodeScripts(t *testing.T) {
	n := start(t)
	testscript.Run(t, params("testdata", n, func(namespace string) error {
		_, err := n.Kubectl(t.Context(), nil, "create", "namespace", namespace)
		return err
	}))
}

// TestNodeThree runs testdata/three/*.txtar on a node of an OpenShift 3, whose deployer and admission
// are played: the pods of a DeploymentConfig really run.
func TestNodeThree(t *testing.T) {
	n := start(t)
	require.NoError(t, openshift.Install(t.Context(), n.Cluster, openshift.Three()))
	stop, err := openshift.Play(t.Context(), n.Cluster, openshift.Three(), func(what string) { t.Log(what) })
	require.NoError(t, err)
	t.Cleanup(stop)
	testscript.Run(t, params("testdata/three", n, func(namespace string) error {
		return openshift.NewProject(t.Context(), n.Cluster, namespace)
	}))
}

func params(dir string, n *cluster.Node, namespace func(name string) error) testscript.Params {
	return testscript.Params{
		Dir: dir, Cmds: commands(), RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			if err := scripts.Setup(env, n.UserKubeconfig); err != nil {
				return err
			}
			env.Setenv("IMAGE", os.Getenv(imageEnv))
			env.Defer(func() { tell(env) })
			return namespace(env.Getenv("NS"))
		},
	}
}

// tell says what has become of the pods of a script that has failed.
func tell(env *testscript.Env) {
	t, ok := env.T().(interface {
		Failed() bool
		Logf(format string, args ...any)
	})
	if !ok || !t.Failed() {
		return
	}
	for _, args := range [][]string{{"get", "all,pvc", "-o", "wide"}, {"describe", "pods"}, {"logs", "-l", "docker-registry", "--all-containers", "--tail=30"}} {
		cmd := exec.Command("kubectl", args...)
		cmd.Env = env.Vars
		out, err := cmd.CombinedOutput()
		if err != nil {
			out = fmt.Appendf(out, "%v", err)
		}
		t.Logf("---- kubectl %s:\n%s", strings.Join(args, " "), out)
	}
}
