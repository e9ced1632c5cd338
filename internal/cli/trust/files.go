package trust

import (
	"context"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/host"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/trust"
)

// follow runs the commands that make changed files count, where that is harmless
// and this machine is the one, and names the others.
func follow(ctx context.Context, e *cmdutil.Env, root host.Root, files []trust.File, results []plan.Result, dry bool) error {
	var done []string
	for i, res := range results {
		f := files[i]
		line := strings.Join(f.Then, " ")
		if res.Action == plan.Unchanged || line == "" || slices.Contains(done, line) {
			continue
		}
		if !f.Run && !root.Local() { // no daemon runs there that could be told
			continue
		}
		done = append(done, line)
		if !f.Run || dry || !root.Local() || e.UID != 0 {
			e.Say("to apply it: %s", onRoot(e, root, line))
			continue
		}
		if err := update(ctx, e, f.Then); err != nil {
			return err
		}
	}
	if len(done) == 0 && !dry && slices.ContainsFunc(results, func(r plan.Result) bool { return r.Action != plan.Unchanged }) {
		e.Say("no restart is required: each pull and push reads these files")
	}
	return nil
}

func onRoot(e *cmdutil.Env, root host.Root, line string) string {
	switch {
	case !root.Local():
		return "chroot " + string(root) + " " + line
	case e.UID != 0 && !strings.Contains(line, "--user"):
		return "sudo " + line
	}
	return line
}

func update(ctx context.Context, e *cmdutil.Env, args []string) error {
	ctx, stop := context.WithTimeout(ctx, 2*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // one of the few in pkg/trust
	out, err := cmd.CombinedOutput()
	if err != nil {
		return hint.Errorf("run it manually: "+strings.Join(args, " "), "%s: %w: %s", args[0], err, strings.TrimSpace(string(out)))
	}
	e.Say("%s: done", strings.Join(args, " "))
	return nil
}
