package scripts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// Users are those of the API server beside the ones that it makes for itself: boss
// may do everything, jane nothing, dev what a script lets the group developers do.
func Users() map[string][]string {
	return map[string][]string{"boss": {"system:masters"}, "jane": {"nobodies"}, "dev": {"developers"}}
}

// Setup gives a script a fresh home, the name of a namespace in $NS, which the caller
// is to make, and kubeconfigs: $KUBECONFIG is boss's, those of all users are in $BOSS, $JANE and $DEV.
// file names the kubeconfig of a user.
func Setup(env *testscript.Env, file func(user string) string) error {
	home, run := filepath.Join(env.WorkDir, "home"), filepath.Join(env.WorkDir, "run")
	for _, dir := range []string{home, run} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
	}
	ns := namespaceOf(env.WorkDir)
	env.Setenv("HOME", home)
	env.Setenv("XDG_RUNTIME_DIR", run)
	env.Setenv("NS", ns)
	for user := range Users() {
		k, err := ReadKubeconfig(file(user))
		if err != nil {
			return err
		}
		k.Namespace(ns)
		path := filepath.Join(home, user+".kubeconfig")
		if err := k.Write(path); err != nil {
			return err
		}
		env.Setenv("SERVER", k.Server())
		env.Setenv(strings.ToUpper(user), path)
	}
	env.Setenv("KUBECONFIG", env.Getenv("BOSS"))
	return nil
}

// namespaceOf makes a namespace's name of a script's folder: script-volume-add.
func namespaceOf(dir string) string {
	return strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(filepath.Base(dir)), "-"), "-")
}

// Build builds regctl as it is released into the folder bin, which it makes, or takes the program
// that $REGCTL_E2E_PROGRAM names. It is called in a folder next to this one.
func Build(ctx context.Context, bin string) error {
	program := filepath.Join(bin, "regctl")
	if given := os.Getenv("REGCTL_E2E_PROGRAM"); given != "" {
		return errors.Join(os.Mkdir(bin, 0o755), os.Symlink(given, program))
	}
	cmd := exec.CommandContext(ctx, "go", "-C", "../..", "build", "-trimpath", "-o", program, "./cmd/regctl")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return nil
}
