package trust

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"path"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// containersKind: certs.d/HOST/ca.crt, and a drop-in of registries.conf for each
// host that is left unchecked. Both are read by each command anew.
type containersKind struct{}

func (containersKind) add(p Place, hosts []Host, ca []*x509.Certificate) ([]File, error) {
	return p.caFiles(Containers, hosts, ca), nil
}

func (containersKind) insecure(p Place, hosts []Host) ([]File, error) {
	var files []File
	for _, h := range hosts {
		files = append(files, File{Target: Containers, Host: h.String(), Path: p.dropIn(h), Content: dropIn(h), Then: p.reloadCRIO()})
	}
	return files, nil
}

func (containersKind) remove(p Place, hosts []Host, insecureOnly bool) ([]File, error) {
	var files []File
	for _, h := range hosts {
		b, err := p.read(p.dropIn(h))
		if err != nil {
			return nil, err
		}
		if b != nil {
			files = append(files, File{Target: Containers, Host: h.String(), Path: p.dropIn(h), Then: p.reloadCRIO()})
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

func (p Place) dropIn(h Host) string {
	return path.Join(p.registriesDir(), "regctl-"+h.fileName()+".conf")
}

// reloadCRIO is nil where no CRI-O runs: podman and its kin need no reload.
func (p Place) reloadCRIO() []string {
	if p.User || !p.isDir("/etc/crio") {
		return nil
	}
	return p.systemctl("crio")
}

func dropIn(h Host) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Made by regctl; to take it away: regctl trust remove %s\n", h)
	for _, s := range h.Spellings() {
		fmt.Fprintf(&b, "[[registry]]\nlocation = %q\ninsecure = true\n", s)
	}
	return b.Bytes()
}

// registriesInsecure are the registries that registries.conf and its drop-ins leave unchecked.
func (p Place) registriesInsecure() ([]Entry, error) {
	names, err := p.names(p.registriesDir())
	if err != nil {
		return nil, err
	}
	files := []string{strings.TrimSuffix(p.registriesDir(), ".d")}
	for _, name := range names {
		if path.Ext(name) == ".conf" {
			files = append(files, path.Join(p.registriesDir(), name))
		}
	}
	var entries []Entry
	for _, file := range files {
		b, err := p.read(file)
		if err != nil {
			return nil, err
		}
		hosts, err := insecureRegistries(b)
		if err != nil {
			entries = append(entries, Entry{Target: Containers, Path: file, Problem: err.Error()})
		}
		for _, host := range hosts {
			entries = append(entries, Entry{Host: host, Target: Containers, Path: file, Insecure: true})
		}
	}
	return entries, nil
}

// insecureRegistries reads a registries.conf, in its present or its first form.
func insecureRegistries(b []byte) ([]string, error) {
	var conf struct {
		Registry []struct {
			Prefix   string `toml:"prefix"`
			Location string `toml:"location"`
			Insecure bool   `toml:"insecure"`
		} `toml:"registry"`
		Registries struct {
			Insecure struct {
				Registries []string `toml:"registries"`
			} `toml:"insecure"`
		} `toml:"registries"`
	}
	if err := toml.Unmarshal(b, &conf); err != nil {
		return nil, tomlError(err)
	}
	hosts := conf.Registries.Insecure.Registries
	for _, r := range conf.Registry {
		if r.Location == "" {
			r.Location = r.Prefix
		}
		if r.Insecure {
			hosts = append(hosts, r.Location)
		}
	}
	return hosts, nil
}
