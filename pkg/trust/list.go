package trust

import (
	"crypto/x509"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/regctl/regctl/pkg/certs"
)

// Entry is a CA that a target trusts for a host, or a host that it does not verify.
type Entry struct {
	Host        string    `json:"host"`   // the spelling that it holds for
	Target      Target    `json:"target"` // docker, containers, containerd, system
	Path        string    `json:"file"`
	Subject     string    `json:"subject,omitempty"`
	Fingerprint string    `json:"fingerprint,omitempty"` // SHA-256, hex with colons
	NotAfter    time.Time `json:"notAfter,omitzero"`
	DaysLeft    *int      `json:"daysLeft,omitempty"`
	Insecure    bool      `json:"insecure"`          // the certificate is not checked
	Problem     string    `json:"problem,omitempty"` // why the file does not work
}

// List finds everything, the user's before the machine's.
func (p Place) List(now time.Time) ([]Entry, error) {
	var all []Entry
	for _, user := range []bool{true, false} {
		p.User = user
		if user && p.Home == "" {
			continue
		}
		for _, t := range Targets() {
			entries, err := kindOf(t).list(p)
			if err != nil {
				return nil, err
			}
			all = append(all, entries...)
		}
	}
	for i, e := range all {
		all[i].Path = p.shown(e.Path)
		if !e.NotAfter.IsZero() {
			days := int(e.NotAfter.Sub(now).Hours() / 24)
			all[i].DaysLeft = &days
		}
	}
	return all, nil
}

// listCerts lists the .crt files of a certs.d.
func (p Place) listCerts(t Target) ([]Entry, error) {
	hosts, err := p.names(p.certsDir(t))
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for _, host := range hosts {
		dir := path.Join(p.certsDir(t), host)
		names, err := p.names(dir)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if path.Ext(name) != ".crt" {
				continue
			}
			entries = append(entries, p.entries(t, plainHost(t, host), path.Join(dir, name))...)
		}
	}
	return entries, nil
}

// plainHost undoes containerd's other form of a directory's name, host_5000_.
func plainHost(t Target, dir string) string {
	if name, ok := strings.CutSuffix(dir, "_"); ok && t == Containerd {
		if i := strings.LastIndex(name, "_"); i > 0 {
			return name[:i] + ":" + name[i+1:]
		}
	}
	return dir
}

// entries are the certificates of one file.
func (p Place) entries(t Target, host, file string) []Entry {
	b, err := p.read(file)
	list := certsIn(b)
	if len(list) == 0 {
		problem := "no certificate found"
		if err != nil {
			problem = strings.TrimPrefix(err.Error(), p.shown(file)+": ") // which stands beside it
		}
		return []Entry{{Host: host, Target: t, Path: file, Problem: problem}}
	}
	entries := make([]Entry, 0, len(list))
	for _, c := range list {
		entries = append(entries, certEntry(t, host, file, c))
	}
	if problem := skipped(b, len(list)); problem != "" {
		entries = append(entries, Entry{Host: host, Target: t, Path: file, Problem: problem})
	}
	return entries
}

// skipped says which certificates of a file the tools skip without an error.
func skipped(b []byte, read int) string {
	chain, err := certs.ParseChain(b)
	switch {
	case err != nil:
		return fmt.Sprintf("only %d of its certificates are read: %v", read, err)
	case len(chain) > read:
		return fmt.Sprintf("only %d of its %d certificates are read: they must begin and end on lines of their own", read, len(chain))
	}
	return ""
}

func certEntry(t Target, host, file string, c *x509.Certificate) Entry {
	e := Entry{Host: host, Target: t, Path: file, Subject: subject(c), Fingerprint: certs.Fingerprint(c), NotAfter: c.NotAfter.UTC()}
	if !c.IsCA {
		e.Problem = "a server certificate, not a CA: trust ends when it is renewed"
	}
	return e
}

// tomlError says where in the file the mistake is.
func tomlError(err error) error {
	if e, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, column := e.Position()
		return fmt.Errorf("line %d, column %d: %s", line, column, strings.TrimPrefix(e.Error(), "toml: "))
	}
	return err
}
