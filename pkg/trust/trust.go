package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
)

// BackupSuffix ends the name of the copy that whoever writes an Edited File keeps of what was there.
const BackupSuffix = ".regctl-backup"

// A kind knows the files of one target. To add a target, write one of these and name it in kindOf.
type kind interface {
	add(p Place, hosts []Host, ca []*x509.Certificate) ([]File, error)
	insecure(p Place, hosts []Host) ([]File, error)
	// remove returns existing files only.
	remove(p Place, hosts []Host, insecureOnly bool) ([]File, error)
	list(p Place) ([]Entry, error)
}

func kindOf(t Target) kind {
	switch t {
	case Docker:
		return dockerKind{}
	case Containers:
		return containersKind{}
	case Containerd:
		return containerdKind{}
	case System:
		return systemKind{}
	}
	return nil
}

// DefaultTargets are the ones that a user expects without naming any: docker and
// containers, and containerd where it is set up. The system trusts a CA in its store
// for every site, so it has to be asked for.
func (p Place) DefaultTargets() []Target {
	targets := []Target{Docker, Containers}
	if p.isDir(path.Dir(p.certsDir(Containerd))) {
		targets = append(targets, Containerd)
	}
	return targets
}

// ParseTargets reads names of targets; "all" is every one that p can have.
func (p Place) ParseTargets(names []string) ([]Target, error) {
	var targets []Target
	for _, name := range names {
		switch t := Target(name); {
		case name == "all":
			targets = append(targets, Docker, Containers, Containerd)
			if !p.User {
				targets = append(targets, System)
			}
		case kindOf(t) != nil:
			targets = append(targets, t)
		default:
			return nil, hint.BadUsage(fmt.Errorf("target %q is not known", name), "--for docker,containers,containerd,system or --for all")
		}
	}
	if len(targets) == 0 {
		targets = p.DefaultTargets()
	}
	slices.SortFunc(targets, func(a, b Target) int { return slices.Index(Targets(), a) - slices.Index(Targets(), b) })
	return slices.Compact(targets), nil
}

// Add returns the files that make targets trust the CA for hosts, for each
// spelling that a user will type.
func (p Place) Add(hosts []Host, ca []*x509.Certificate, targets ...Target) ([]File, error) {
	return each(targets, func(k kind) ([]File, error) { return k.add(p, hosts, ca) })
}

// AddInsecure returns the files that make targets leave the certificates of hosts unverified.
func (p Place) AddInsecure(hosts []Host, targets ...Target) ([]File, error) {
	return each(targets, func(k kind) ([]File, error) { return k.insecure(p, hosts) })
}

// Remove returns the files that take both away again, or the second alone. Only
// existing files are returned.
func (p Place) Remove(hosts []Host, insecureOnly bool, targets ...Target) ([]File, error) {
	return each(targets, func(k kind) ([]File, error) { return k.remove(p, hosts, insecureOnly) })
}

func each(targets []Target, do func(kind) ([]File, error)) ([]File, error) {
	var all []File
	for _, t := range targets {
		files, err := do(kindOf(t))
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return all, nil
}

// spellings are those of all hosts, each once.
func spellings(hosts []Host) []string {
	var all []string
	for _, h := range hosts {
		for _, s := range h.Spellings() {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

// caFiles are the ca.crt in the directory of each spelling.
func (p Place) caFiles(t Target, hosts []Host, ca []*x509.Certificate) []File {
	var files []File
	for _, s := range spellings(hosts) {
		f := File{Target: t, Host: s, Path: path.Join(p.certsDir(t), s, "ca.crt"), Content: certs.EncodeChain(ca), OwnDir: true}
		f.Edited = ca != nil && p.foreign(f.Path, ca)
		files = append(files, f)
	}
	return files
}

// foreign tells whether there is a ca.crt with none of these certificates: somebody
// else's, of which a copy is kept when it is replaced.
func (p Place) foreign(file string, ca []*x509.Certificate) bool {
	b, err := p.read(file)
	if err != nil || b == nil {
		return false
	}
	for _, cert := range ca {
		for rest := b; ; {
			var block *pem.Block
			if block, rest = pem.Decode(rest); block == nil {
				break
			}
			if bytes.Equal(block.Bytes, cert.Raw) {
				return false
			}
		}
	}
	return true
}

// caGone are the ca.crt that are there and are to go.
func (p Place) caGone(t Target, hosts []Host) ([]File, error) {
	var files []File
	for _, f := range p.caFiles(t, hosts, nil) {
		b, err := p.read(f.Path)
		if err != nil {
			return nil, err
		}
		if f.Content = nil; b != nil {
			files = append(files, f)
		}
	}
	return files, nil
}

// Kept are the files of others that stay in the hosts' directories when ours are removed.
func (p Place) Kept(hosts []Host, gone []File, targets ...Target) []string {
	var kept []string
	for _, t := range targets {
		if t == System {
			continue
		}
		for _, s := range spellings(hosts) {
			dir := path.Join(p.certsDir(t), s)
			names, _ := p.names(dir) // a directory that cannot be listed keeps what it has
			for _, name := range names {
				file := path.Join(dir, name)
				ours := strings.HasSuffix(name, BackupSuffix)
				if !ours && !slices.ContainsFunc(gone, func(f File) bool { return f.Path == file && f.Content == nil }) {
					kept = append(kept, file)
				}
			}
		}
	}
	return kept
}
