package openshift

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/regctl/regctl/e2e/cluster"
	"github.com/regctl/regctl/e2e/cluster/openshift"
	"github.com/regctl/regctl/e2e/scripts"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

// kubeEnv holds the folder of Kubernetes' programs.
const kubeEnv = "REGCTL_E2E_KUBE"

// TestAPIThree runs testdata/three/*.txtar, each in a namespace of its own.
func TestAPIThree(t *testing.T) {
	c := start(t, openshift.Three())
	testscript.Run(t, params(c, "testdata/three"))
}

// TestAPIFour runs testdata/four/*.txtar one after the other, since there is one
// registry operator; each finds it as it is on a new cluster.
func TestAPIFour(t *testing.T) {
	c := start(t, openshift.Four())
	p := params(c, "testdata/four")
	p.Cmds["reset"] = func(ts *testscript.TestScript, _ bool, _ []string) { ts.Check(openshift.Reset(t.Context(), c)) }
	setup := p.Setup
	p.Setup = func(env *testscript.Env) error {
		if err := openshift.Reset(t.Context(), c); err != nil {
			return err
		}
		return setup(env)
	}
	testscript.RunT(inTurn{t}, p)
}

func start(t *testing.T, set openshift.Set) *cluster.Cluster {
	t.Helper()
	c, err := cluster.StartAPI(t.Context(), filepath.Join(t.TempDir(), "api"), cluster.Options{Bin: os.Getenv(kubeEnv), Users: scripts.Users()})
	require.NoError(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(c.Logs(20))
		}
		require.NoError(t, c.Stop())
	})
	require.NoError(t, openshift.Install(t.Context(), c, set))
	stop, err := openshift.Play(t.Context(), c, set, func(what string) { t.Log(what) })
	require.NoError(t, err)
	t.Cleanup(stop)
	return c
}

func params(c *cluster.Cluster, dir string) testscript.Params {
	commands := scripts.Commands()
	commands["oauth"] = oauth // oauth_linux_test.go
	return testscript.Params{
		Dir: dir, Cmds: commands, RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			if err := scripts.Setup(env, c.UserKubeconfig); err != nil {
				return err
			}
			return openshift.NewProject(env.T().(testing.TB).Context(), c, env.Getenv("NS"))
		},
	}
}

// inTurn are tests that are not run at the same time, whatever they say.
type inTurn struct{ *testing.T }

// Parallel does nothing.
func (inTurn) Parallel() {}

// Run runs a script.
func (t inTurn) Run(name string, f func(testscript.T)) {
	t.T.Run(name, func(t *testing.T) { f(inTurn{t}) })
}

// Verbose tells whether all is to be shown.
func (inTurn) Verbose() bool { return testing.Verbose() }
