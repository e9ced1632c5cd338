package cli

import (
	"context"
	"io"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/host"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/trust"
)

// fileChanges makes changes of trust files on the host at root.
func fileChanges(root host.Root, files []trust.File, user bool) []plan.Change {
	changes := make([]plan.Change, 0, len(files))
	for _, f := range files {
		c := &host.File{Root: root, Path: f.Path, Content: f.Content, OwnDir: f.OwnDir}
		if f.Edited {
			c.Backup = trust.BackupSuffix
		}
		if user {
			c.DirMode = 0o700
		}
		changes = append(changes, c)
	}
	return changes
}

// trustHost writes, without a word, the files that make docker, podman and (where
// it is set up) containerd believe the CA (PEM) for hosts: the machine's own files,
// or those of the user alone. It returns the places of all of them.
func (e *Env) trustHost(ctx context.Context, hosts []string, ca []byte, system bool) ([]string, error) {
	parsed, err := parseHosts(hosts)
	if err != nil {
		return nil, err
	}
	certs, _, err := trust.ParseCA(ca, e.Now())
	if err != nil {
		return nil, err
	}
	place := e.place("/", !system)
	files, err := place.Add(parsed, certs, place.DefaultTargets()...)
	if err != nil {
		return nil, err
	}
	if _, err := (plan.Runner{Out: io.Discard}).Run(ctx, fileChanges("/", files, !system)); err != nil {
		return nil, mayNot(err, "sudo regctl trust add "+strings.Join(hosts, " ")+" --ca FILE")
	}
	places := make([]string, 0, len(files))
	for _, f := range files {
		places = append(places, f.Path)
	}
	return places, nil
}

func parseHosts(args []string) ([]trust.Host, error) {
	hosts := make([]trust.Host, 0, len(args))
	for _, arg := range args {
		h, err := trust.ParseHost(arg)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	return hosts, nil
}

// follow runs the commands that make changed files count, where that is harmless
// and this machine is the one, and names the others.
func (e *Env) follow(ctx context.Context, root host.Root, files []trust.File, results []plan.Result, dry bool) error {
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
			e.Say("to make it count: %s", e.onRoot(root, line))
			continue
		}
		if err := e.update(ctx, f.Then); err != nil {
			return err
		}
	}
	if len(done) == 0 && !dry && slices.ContainsFunc(results, func(r plan.Result) bool { return r.Action != plan.Unchanged }) {
		e.Say("nothing needs a restart: these files are read at each pull and push")
	}
	return nil
}

func (e *Env) onRoot(root host.Root, line string) string {
	switch {
	case !root.Local():
		return "chroot " + string(root) + " " + line
	case e.UID != 0 && !strings.Contains(line, "--user"):
		return "sudo " + line
	}
	return line
}

func (e *Env) update(ctx context.Context, args []string) error {
	ctx, stop := context.WithTimeout(ctx, 2*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // one of the few in pkg/trust
	out, err := cmd.CombinedOutput()
	if err != nil {
		return hint.Errorf("run it by hand: "+strings.Join(args, " "), "%s: %w: %s", args[0], err, strings.TrimSpace(string(out)))
	}
	e.Say("%s: done", strings.Join(args, " "))
	return nil
}
