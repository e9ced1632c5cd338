package trust

import (
	"crypto/x509"
	"fmt"
	"path"
	"strings"

	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
)

// systemKind: a directory of certificates from which a command builds the system's bundle.
// The system then trusts the CA for every site, not for one host.
type systemKind struct{}

// stores are the directories of the distributions and their commands; the first existing one counts.
func stores() [][2]string {
	return [][2]string{
		{"/etc/pki/ca-trust/source/anchors", "update-ca-trust"},          // Fedora, RHEL
		{"/etc/ca-certificates/trust-source/anchors", "update-ca-trust"}, // Arch
		{"/etc/pki/trust/anchors", "update-ca-certificates"},             // SUSE
		{"/usr/local/share/ca-certificates", "update-ca-certificates"},   // Debian, Ubuntu, Alpine
	}
}

func (p Place) store() (dir string, update []string, err error) {
	if p.User {
		return "", nil, ErrNoUserStore
	}
	for _, s := range stores() {
		if p.isDir(s[0]) {
			return s[0], []string{s[1]}, nil
		}
	}
	return "", nil, hint.Errorf("install the package ca-certificates", "system: no directory for additional CA certificates")
}

func (systemKind) add(p Place, hosts []Host, ca []*x509.Certificate) ([]File, error) {
	dir, update, err := p.store()
	if err != nil {
		return nil, err
	}
	var files []File
	for _, h := range hosts {
		for i, c := range ca { // one certificate a file, as Debian wants it
			files = append(files, File{Target: System, Host: h.String(), Path: path.Join(dir, storeName(h, i)),
				Content: certs.EncodeChain([]*x509.Certificate{c}), Then: update, Run: true})
		}
	}
	return files, nil
}

func storeName(h Host, i int) string {
	if i == 0 {
		return "regctl-" + h.fileName() + ".crt"
	}
	return fmt.Sprintf("regctl-%s+%d.crt", h.fileName(), i+1)
}

func (systemKind) insecure(Place, []Host) ([]File, error) {
	return nil, ErrSystemSecured
}

func (systemKind) remove(p Place, hosts []Host, insecureOnly bool) ([]File, error) {
	dir, update, err := p.store()
	if err != nil || insecureOnly {
		return nil, nil //nolint:nilerr // where there is no store there is nothing to remove
	}
	names, err := p.names(dir)
	var files []File
	for _, h := range hosts {
		for _, name := range names {
			stem, _, _ := strings.Cut(strings.TrimSuffix(name, ".crt"), "+")
			if stem == "regctl-"+h.fileName() && path.Ext(name) == ".crt" {
				files = append(files, File{Target: System, Host: h.String(), Path: path.Join(dir, name), Then: update, Run: true})
			}
		}
	}
	return files, err
}

func (systemKind) list(p Place) ([]Entry, error) {
	dir, _, err := p.store()
	if err != nil {
		return nil, nil //nolint:nilerr // where there is no store there is nothing to list
	}
	names, err := p.names(dir)
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for _, name := range names {
		host, ours := strings.CutPrefix(strings.TrimSuffix(name, ".crt"), "regctl-")
		if !ours || path.Ext(name) != ".crt" {
			continue
		}
		host, _, _ = strings.Cut(host, "+")
		entries = append(entries, p.entries(System, strings.Replace(host, "_", ":", 1), path.Join(dir, name))...)
	}
	return entries, nil
}
