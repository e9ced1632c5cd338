package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/regctl/regctl/internal/cli"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

// TestMain lets the test binary be regctl: scripts run the real program as a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"regctl": recorded, "kubectl-regctl": recorded, "docker-credential-regctl": main})
}

// TestScripts runs testdata/script/<family>/*.txtar. What a script can do beyond
// testscript's own commands is in scriptcmds_test.go.
func TestScripts(t *testing.T) {
	families, err := filepath.Glob("../../testdata/script/*")
	require.NoError(t, err)
	require.NotEmpty(t, families)
	said := filepath.Join(t.TempDir(), "said")
	t.Cleanup(func() { checkHints(t, said) })
	for _, dir := range families {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, testscript.Params{
				Dir: dir, Setup: setupSaid(said), Cmds: commands, RequireExplicitExec: true, RequireUniqueNames: true,
				UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
			})
		})
	}
}

// setup gives a script a fresh home and an environment that knows nothing of the user who runs the tests.
func setup(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, "home")
	env.Setenv("HOME", home)
	env.Setenv("XDG_RUNTIME_DIR", filepath.Join(env.WorkDir, "run"))
	// A script that runs as root must not write into the machine's own /etc
	env.Setenv("REGCTL_SERVE_TRUST", "user")
	env.Values["root"] = cli.Root(cmdutil.System())
	if err := os.Mkdir(home, 0o700); err != nil {
		return err
	}
	return os.Mkdir(filepath.Join(env.WorkDir, "run"), 0o700)
}

// setupSaid is setup for scripts whose messages are collected in a file.
func setupSaid(file string) func(*testscript.Env) error {
	return func(env *testscript.Env) error {
		env.Setenv("SAID", file)
		return setup(env)
	}
}
