package trust

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// containersKind: certs.d/HOST/ca.crt, and a drop-in of registries.conf for each
// host that is not verified. Each command reads both.
type containersKind struct{}

func (containersKind) add(p Place, hosts []Host, ca []*x509.Certificate) ([]File, error) {
	return p.caFiles(Containers, hosts, ca), nil
}

func (containersKind) insecure(p Place, hosts []Host) ([]File, error) {
	var files []File
	for _, h := range hosts {
		f, err := p.dropIn(h)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

func (containersKind) remove(p Place, hosts []Host, insecureOnly bool) ([]File, error) {
	var files []File
	for _, h := range hosts {
		for _, name := range p.dropInNames(h) {
			if p.exists(name) {
				files = append(files, File{Target: Containers, Host: h.String(), Path: name, Then: p.reloadCRIO()})
			}
		}
	}
	if insecureOnly {
		return files, nil
	}
	gone, err := p.caGone(Containers, hosts)
	return append(gone, files...), err
}

func (containersKind) list(p Place) ([]Entry, error) {
	entries, err := p.listCerts(Containers)
	if err != nil {
		return nil, err
	}
	insecure, err := p.registriesInsecure()
	return append(entries, insecure...), err
}

func (p Place) registriesDir() string {
	if p.User {
		return path.Join(p.Home, ".config/containers/registries.conf.d")
	}
	return "/etc/containers/registries.conf.d"
}

// dropInNames are the files that turn verification off for a host. The second one is for
// where a drop-in that is read after the first has an entry for the host as well.
func (p Place) dropInNames(h Host) []string {
	name := "regctl-" + h.fileName() + ".conf"
	return []string{path.Join(p.registriesDir(), name), path.Join(p.registriesDir(), "zz-"+name)}
}

// reloadCRIO is nil where no CRI-O runs: podman and its kin need no reload.
func (p Place) reloadCRIO() []string {
	if p.User || !p.isDir("/etc/crio") {
		return nil
	}
	return p.systemctl("crio")
}

// dropIn turns verification off for a host. An entry replaces all of an earlier one with the
// same prefix, so what that says is repeated.
func (p Place) dropIn(h Host) (File, error) {
	f := File{Target: Containers, Host: h.String(), Then: p.reloadCRIO()}
	names := p.dropInNames(h)
	entries, err := p.registries(names...)
	if err != nil {
		return f, hint.Errorf("correct that file, or leave containers out: --for docker", "%w", err)
	}
	if f.Path, err = p.dropInPath(h, entries); err != nil {
		return f, err
	}
	var tables []map[string]any
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Made by regctl; to take it away: regctl trust remove %s\n", h)
	var from []string
	for _, s := range h.Spellings() {
		for _, e := range entriesOf(entries, s) {
			if !slices.Contains(from, e.file) {
				from = append(from, e.file)
				fmt.Fprintf(&b, "# Repeats and replaces entries in %s: add it again when they change\n", e.file)
			}
		}
		tables = append(tables, insecureTables(entries, s)...)
	}
	err = encodeRegistries(&b, tables)
	f.Content = b.Bytes()
	return f, err
}

// dropInPath is the name under which the drop-in is read after all others for the same host.
func (p Place) dropInPath(h Host, entries []registryEntry) (string, error) {
	names := p.dropInNames(h)
	file := names[0]
	for _, e := range entries {
		switch replaces := slices.Contains(h.Spellings(), e.prefix) && path.Dir(e.file) == p.registriesDir(); {
		case replaces && e.file > names[1]:
			return "", hint.Errorf("set insecure = true for "+e.prefix+" in "+p.shown(e.file),
				"%s is read after all that regctl writes and has an entry for %s", p.shown(e.file), e.prefix)
		case replaces && e.file > names[0]:
			file = names[1]
		}
	}
	return file, nil
}

// RegistriesWarnings say what else registries.conf does with hosts whose certificate is no
// longer verified.
func (p Place) RegistriesWarnings(hosts []Host) []string {
	entries, err := p.registries()
	if err != nil {
		return nil // Add says so
	}
	var all []string
	for _, s := range spellings(hosts) {
		e, _ := entryFor(entries, s)
		switch {
		case e == nil:
		case e.is("blocked"):
			all = append(all, fmt.Sprintf("containers: %s is blocked in %s and stays blocked", s, p.shown(e.file)))
		case !strings.HasPrefix(e.prefix, "*") && hostOf(e.location()) != hostOf(e.prefix):
			all = append(all, fmt.Sprintf("containers: %s is read from %s (%s), whose certificate is not verified either", s, e.location(), p.shown(e.file)))
		}
	}
	return all
}

// registriesInsecure are the registries that registries.conf and its drop-ins do not verify.
func (p Place) registriesInsecure() ([]Entry, error) {
	files, err := p.dropIns()
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for _, file := range append([]string{p.registriesConf()}, files...) {
		b, err := p.read(file)
		if err != nil {
			return nil, err
		}
		listed, err := parseRegistries(file, b)
		if err != nil {
			entries = append(entries, Entry{Target: Containers, Path: file, Problem: err.Error()})
		}
		for _, e := range listed {
			if e.is("insecure") {
				entries = append(entries, Entry{Host: cmp.Or(e.location(), e.prefix), Target: Containers, Path: file, Insecure: true})
			}
		}
	}
	return entries, nil
}
