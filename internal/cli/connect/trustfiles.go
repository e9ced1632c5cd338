package connect

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/host"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/pkg/trust"
)

// FileChanges turns trust files into changes on the host at root.
func FileChanges(root host.Root, files []trust.File, user bool) []plan.Change {
	changes := make([]plan.Change, 0, len(files))
	for _, f := range files {
		c := &host.File{Root: root, Path: f.Path, Content: f.Content, Edit: f.Edit, OwnDir: f.OwnDir}
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

// TrustHost silently writes the files that make docker, podman and (where
// it is configured) containerd trust the CA (PEM) for hosts: the machine's files,
// or those of the user alone. It returns their paths.
func TrustHost(ctx context.Context, e *cmdutil.Env, hosts []string, ca []byte, system bool) ([]string, error) {
	parsed, err := ParseHosts(hosts)
	if err != nil {
		return nil, err
	}
	certs, _, err := trust.ParseCA(ca, e.Now())
	if err != nil {
		return nil, err
	}
	place := TrustPlace(e, "/", !system)
	files, err := place.Add(parsed, certs, place.DefaultTargets()...)
	if err != nil {
		return nil, err
	}
	if _, err := (plan.Runner{Out: io.Discard}).Run(ctx, FileChanges("/", files, !system)); err != nil {
		return nil, cmdutil.MayNot(err, "sudo regctl trust add "+strings.Join(hosts, " ")+" --ca FILE")
	}
	places := make([]string, 0, len(files))
	for _, f := range files {
		places = append(places, f.Path)
	}
	return places, nil
}

// ParseHosts parses HOST[:PORT] arguments and drops repeated ones.
func ParseHosts(args []string) ([]trust.Host, error) {
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
