package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

// TestScripts runs testdata/*.txtar. What a script can do beyond testscript's own
// commands is in commands_linux_test.go.
func TestScripts(t *testing.T) {
	dir, err := filepath.Abs("testdata")
	require.NoError(t, err)
	testscript.Run(t, testscript.Params{
		Dir: dir, Setup: setup, Cmds: commands(), RequireExplicitExec: true, RequireUniqueNames: true,
	})
}

// setup gives a script two users: its own, and one in $SERVER who runs a registry
// "on another machine" and shares no file with the first.
func setup(env *testscript.Env) error {
	dirs := map[string]string{"HOME": "home", "XDG_RUNTIME_DIR": "run", "SERVER": "server"}
	for name, dir := range dirs {
		path := filepath.Join(env.WorkDir, dir)
		if err := os.Mkdir(path, 0o700); err != nil {
			return err
		}
		env.Setenv(name, path)
	}
	jobs := &jobs{env: env, byName: map[string]*job{}}
	env.Values[jobs.key()] = jobs
	env.Defer(jobs.end)
	return nil
}
