package trust

import (
	"crypto/x509"
	"path"

	"github.com/regctl/regctl/pkg/hint"
)

// dockerKind: certs.d/HOST/ca.crt, which dockerd reads at each request, and the
// insecure-registries of daemon.json, which it reads at a reload.
type dockerKind struct{}

func (dockerKind) add(p Place, hosts []Host, ca []*x509.Certificate) ([]File, error) {
	return p.caFiles(Docker, hosts, ca), nil
}

func (dockerKind) insecure(p Place, hosts []Host) ([]File, error) {
	return p.editDaemon(spellings(hosts), nil)
}

func (dockerKind) remove(p Place, hosts []Host, insecureOnly bool) ([]File, error) {
	files, err := p.editDaemon(nil, spellings(hosts))
	if err != nil || insecureOnly {
		return files, err
	}
	gone, err := p.caGone(Docker, hosts)
	return append(gone, files...), err
}

func (dockerKind) list(p Place) ([]Entry, error) {
	entries, err := p.listCerts(Docker)
	if err != nil {
		return nil, err
	}
	listed, err := p.daemonInsecure()
	for _, host := range listed {
		entries = append(entries, Entry{Host: host, Target: Docker, Path: p.daemonFile(), Insecure: true})
	}
	return entries, err
}

func (p Place) daemonFile() string {
	if p.User {
		return path.Join(p.ConfigHome, "docker/daemon.json")
	}
	return "/etc/docker/daemon.json"
}

// daemonInsecure is the list of registries whose certificate dockerd does not check.
func (p Place) daemonInsecure() ([]string, error) {
	b, err := p.read(p.daemonFile())
	if err != nil {
		return nil, err
	}
	listed, err := insecureIn(b)
	return listed, p.daemonError(err)
}

func (p Place) editDaemon(add, remove []string) ([]File, error) {
	name := p.daemonFile()
	old, err := p.read(name)
	if err != nil {
		return nil, err
	}
	if old == nil && len(add) == 0 {
		return nil, nil
	}
	edit := func(live []byte) ([]byte, error) {
		content, err := editInsecure(live, add, remove)
		return content, p.daemonError(err)
	}
	content, err := edit(old)
	if err != nil {
		return nil, err
	}
	if len(add) == 0 && string(content) == string(old) {
		return nil, nil
	}
	return []File{{Target: Docker, Path: name, Content: content, Edit: edit, Edited: true, Then: p.systemctl("docker")}}, nil
}

func (p Place) daemonError(err error) error {
	if err == nil {
		return nil
	}
	name := p.shown(p.daemonFile())
	return hint.Errorf("correct "+name+" (dockerd --validate --config-file "+name+"), or omit Docker: --for containers", "%s: %w", name, err)
}

func (p Place) systemctl(unit string) []string {
	if p.User {
		return []string{"systemctl", "--user", "reload", unit}
	}
	return []string{"systemctl", "reload", unit}
}
