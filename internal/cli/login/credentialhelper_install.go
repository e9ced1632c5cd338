package login

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/host"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func newHelperInstall(env *cmdutil.Env) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Install regctl as a credential helper for docker and podman",
		Long: `Create the symbolic link docker-credential-regctl to this program in a directory on the
PATH. Docker and podman run credential helpers by that name. To use the helper for a
registry: regctl login HOST --service-account NAME --helper`,
		Example: `  regctl credential-helper install
  regctl credential-helper install --dir ./bin`,
		Args: cobra.NoArgs,
	}
	flags := pipeline.AddChangeFlags(cmd)
	cmd.Flags().StringVar(&dir, "dir", "", "`directory` of the link (default ~/.local/bin)")
	_ = cmd.MarkFlagDirname("dir")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if dir == "" && env.Home() == "" {
			return hint.BadUsage(errors.New("HOME is not set"), "add --dir DIRECTORY")
		}
		if dir == "" {
			dir = filepath.Join(env.Home(), ".local", "bin")
		}
		full, err := filepath.Abs(dir)
		if err != nil {
			return err
		}
		self, err := thisProgram()
		if err != nil {
			return err
		}
		link := &host.Link{Path: filepath.Join(full, "docker-credential-"+credentials.OwnHelper), Target: self}
		if _, err := flags.Runner(env).Run(cmd.Context(), []plan.Change{link}); err != nil {
			return err
		}
		warnOffPath(env, link.Path)
		return nil
	}
	return cmd
}

// thisProgram is the path of regctl: that on the PATH where it is the same file, since its name
// outlives an upgrade, else that of the file itself.
func thisProgram() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	if found, err := exec.LookPath("regctl"); err == nil && cmdutil.SameFile(self, found) {
		return filepath.Abs(found)
	}
	return self, nil
}

// warnOffPath warns where a program would not be found by its name, or another one would.
func warnOffPath(e *cmdutil.Env, path string) {
	dir, name := filepath.Split(path)
	dir = filepath.Clean(dir)
	if !slices.Contains(filepath.SplitList(e.Getenv("PATH")), dir) {
		e.Warn("%s is not on the PATH: export PATH=%s:$PATH", dir, hint.Quote(dir))
		return
	}
	if first, err := exec.LookPath(name); err == nil && first != path {
		e.Warn("%s precedes it on the PATH", first)
	}
}
