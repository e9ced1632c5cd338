package trust

import (
	"crypto/x509"
	"path"
	"strings"

	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
)

// containerdKind: certs.d/HOST/hosts.toml, which containerd reads at each pull,
// with the CA beside it. A hosts.toml of others is edited where that is plain, else refused.
type containerdKind struct{}

const (
	caLine   = `ca = "ca.crt"`
	skipLine = `skip_verify = true`
)

func (containerdKind) add(p Place, hosts []Host, ca []*x509.Certificate) ([]File, error) {
	var files []File
	for _, s := range spellings(hosts) {
		dir := p.hostDir(s)
		conf, err := p.setHosts(dir, s, caLine)
		if err != nil {
			return nil, err
		}
		files = append(files, File{Target: Containerd, Host: s, Path: path.Join(dir, "ca.crt"), Content: certs.EncodeChain(ca), OwnDir: true}, conf)
	}
	return files, nil
}

func (containerdKind) insecure(p Place, hosts []Host) ([]File, error) {
	var files []File
	for _, s := range spellings(hosts) {
		conf, err := p.setHosts(p.hostDir(s), s, skipLine)
		if err != nil {
			return nil, err
		}
		files = append(files, conf)
	}
	return files, nil
}

func (containerdKind) remove(p Place, hosts []Host, insecureOnly bool) ([]File, error) {
	var files []File
	for _, s := range spellings(hosts) {
		gone, err := p.unsetHosts(p.hostDir(s), s, insecureOnly)
		if err != nil {
			return nil, err
		}
		files = append(files, gone...)
	}
	return files, nil
}

func (containerdKind) list(p Place) ([]Entry, error) {
	entries, err := p.listCerts(Containerd)
	if err != nil {
		return nil, err
	}
	dirs, err := p.names(p.certsDir(Containerd))
	for _, dir := range dirs {
		file, host := path.Join(p.certsDir(Containerd), dir, "hosts.toml"), plainHost(Containerd, dir)
		b, err := p.read(file)
		if err != nil {
			return nil, err
		}
		conf, err := parseHosts(b)
		switch {
		case err != nil:
			entries = append(entries, Entry{Host: host, Target: Containerd, Path: file, Problem: err.Error()})
		case conf.of(host).SkipVerify:
			entries = append(entries, Entry{Host: host, Target: Containerd, Path: file, Insecure: true})
		}
	}
	return entries, err
}

// hostDir is the directory of a host. Containerd looks for host_5000_ before
// host:5000, and takes the first existing one.
func (p Place) hostDir(spelling string) string {
	if dir := path.Join(p.certsDir(Containerd), underscored(spelling)); p.isDir(dir) {
		return dir
	}
	return path.Join(p.certsDir(Containerd), spelling)
}

func underscored(spelling string) string {
	if i := strings.LastIndex(spelling, ":"); i > 0 && !strings.HasSuffix(spelling, "]") {
		return spelling[:i] + "_" + spelling[i+1:] + "_"
	}
	return spelling
}

// setHosts is the hosts.toml of a host with a line in it.
func (p Place) setHosts(dir, spelling, line string) (File, error) {
	f := File{Target: Containerd, Host: spelling, Path: path.Join(dir, "hosts.toml"), OwnDir: true}
	old, err := p.read(f.Path)
	if err != nil {
		return f, err
	}
	f.Edit = func(live []byte) ([]byte, error) {
		if live == nil || ourHosts(live, spelling) != "" {
			return newHosts(spelling, line), nil
		}
		content, err := editHosts(live, spelling, line)
		if err != nil {
			err = hint.Errorf("add "+line+" there by hand, or leave containerd out: --for docker,containers", "%s: %w", p.shown(f.Path), err)
		}
		return content, err
	}
	f.Edited = old != nil && ourHosts(old, spelling) == ""
	f.Content, err = f.Edit(old)
	return f, err
}

// unsetHosts removes what setHosts has added, and the CA beside it unless a hosts.toml of
// others uses it.
func (p Place) unsetHosts(dir, spelling string, insecureOnly bool) ([]File, error) {
	conf := File{Target: Containerd, Host: spelling, Path: path.Join(dir, "hosts.toml"), OwnDir: true}
	ca := File{Target: Containerd, Host: spelling, Path: path.Join(dir, "ca.crt"), OwnDir: true}
	old, err := p.read(conf.Path)
	if err != nil {
		return nil, err
	}
	cert, err := p.read(ca.Path)
	if err != nil {
		return nil, err
	}
	conf.Edit = func(live []byte) ([]byte, error) { return withoutOurs(live, spelling, insecureOnly, cert != nil), nil }
	conf.Content, _ = conf.Edit(old)
	conf.Edited = old != nil && ourHosts(old, spelling) == ""
	var files []File
	if string(conf.Content) != string(old) {
		files = append(files, conf)
	}
	if cert != nil && !insecureOnly && !strings.Contains(string(conf.Content), "ca.crt") {
		files = append(files, ca)
	}
	return files, nil
}

// withoutOurs is a hosts.toml without our lines, nil where nothing is left of it. A file of our
// own that skips verification goes back to the CA where there is one.
func withoutOurs(live []byte, spelling string, insecureOnly, hasCA bool) []byte {
	switch ours := ourHosts(live, spelling); {
	case live == nil || insecureOnly && ours == caLine:
		return live
	case ours != "" && insecureOnly && hasCA:
		return newHosts(spelling, caLine)
	case ours != "":
		return nil
	}
	return stripHosts(live, insecureOnly)
}
