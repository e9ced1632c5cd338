package trust

import (
	"fmt"
	"net"
	"path"
	"slices"
	"strings"
)

// source finds what a tool reads for the host, as it reads it.
func (v Verifier) source(t Target) (source, error) {
	switch t {
	case Docker:
		return v.dockerSource()
	case Containers:
		return v.containersSource()
	case Containerd:
		return v.containerdSource()
	}
	return source{}, nil
}

func (v Verifier) dockerSource() (source, error) {
	src := source{dir: path.Join(v.Place.certsDir(Docker), v.Host.String())}
	listed, err := v.Place.daemonInsecure()
	if err != nil {
		return src, err
	}
	if slices.ContainsFunc(listed, v.Host.isListed) {
		src.insecure = v.Place.shown(v.Place.daemonFile())
		return src, nil
	}
	for _, dir := range v.Place.readDirs(Docker) { // the rootless one, then the machine's
		folder, err := v.Place.ReadFolder(path.Join(dir, v.Host.String()))
		if err != nil {
			return src, err
		}
		if folder != nil {
			src.roots = append(src.roots, folder.Roots...)
		}
	}
	return src, nil
}

// isListed tells whether an entry of dockerd's insecure-registries is for the host: a host with
// or without a scheme, or a network of addresses.
func (h Host) isListed(entry string) bool {
	if _, network, err := net.ParseCIDR(entry); err == nil {
		ip := net.ParseIP(h.ServerName())
		return ip != nil && network.Contains(ip)
	}
	_, host, hasScheme := strings.Cut(entry, "://")
	if !hasScheme {
		host = entry
	}
	return host == h.String()
}

// containersSource reads the first directory of the host alone, as the library does.
func (v Verifier) containersSource() (source, error) {
	p := v.Place
	p.User = p.Home != ""
	entries, err := p.registries()
	if err != nil {
		return source{}, err
	}
	if e, _ := entryFor(entries, v.Host.String()); e != nil && e.is("insecure") {
		return source{insecure: p.shown(e.file)}, nil
	}
	src := source{dir: path.Join(v.Place.certsDir(Containers), v.Host.String())}
	for _, dir := range v.Place.readDirs(Containers) {
		folder, err := v.Place.ReadFolder(path.Join(dir, v.Host.String()))
		if err != nil {
			return src, err
		}
		if folder != nil {
			src.dir, src.roots = folder.Path, folder.Roots
			return src, nil
		}
	}
	return src, nil
}

// containerdSource reads hosts.toml, or where there is none the .crt files beside it.
func (v Verifier) containerdSource() (source, error) {
	dir := v.Place.hostDir(v.Host.String())
	if !v.Place.isDir(dir) {
		if other := path.Join(v.Place.certsDir(Containerd), "_default"); v.Place.isDir(other) {
			dir = other
		}
	}
	src, file := source{dir: dir}, path.Join(dir, "hosts.toml")
	b, err := v.Place.read(file)
	if err != nil {
		return src, err
	}
	if len(b) == 0 {
		folder, err := v.Place.ReadFolder(dir)
		if folder != nil {
			src.roots = folder.Roots
		}
		return src, err
	}
	conf, err := parseHosts(b)
	if err != nil {
		return src, fmt.Errorf("%s: %w", v.Place.shown(file), err)
	}
	part := conf.of(v.Host.String())
	if part.SkipVerify {
		src.insecure = v.Place.shown(file)
	}
	for _, name := range part.cas(dir) {
		pem, err := v.Place.read(name)
		if err != nil || pem == nil {
			return src, fmt.Errorf("%s names the CA %s, which cannot be read", v.Place.shown(file), v.Place.shown(name))
		}
		for _, c := range certsIn(pem) {
			src.roots = append(src.roots, CA{v.Place.shown(name), c})
		}
	}
	return src, nil
}

// SystemBundle reads the bundle of certificates that the host's programs trust, for a host below
// another root, where this machine's own does not count.
func (p Place) SystemBundle() []byte {
	for _, name := range []string{
		"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
		"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
	} {
		if b, err := p.read(name); err == nil && b != nil {
			return b
		}
	}
	return nil
}
