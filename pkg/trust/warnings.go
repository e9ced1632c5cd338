package trust

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Warnings say what will keep files that Add returns from having the effect that is
// expected of them, or what they will hide.
func (p Place) Warnings(hosts []Host, targets ...Target) []string {
	var all []string
	for _, h := range hosts {
		if slices.Contains(targets, Containers) {
			all = append(all, p.hidden(h.String())...)
		}
		all = append(all, p.stillInsecure(h, targets)...)
	}
	if slices.Contains(targets, Docker) && p.User && p.isDir("/etc/docker") && !p.rootless() {
		all = append(all, "docker: only rootless Docker reads the user's files; for Docker of the machine: "+p.AsRoot)
	}
	if slices.Contains(targets, Containerd) {
		all = append(all, p.configPath()...)
	}
	return all
}

// rootless tells whether the user has set up a docker of their own.
func (p Place) rootless() bool {
	_, err := fs.Stat(p.FS, rel(path.Join(p.ConfigHome, "systemd/user/docker.service")))
	return err == nil
}

// hidden finds client certificates that podman will no longer read, since it
// takes the first directory of a host and that one alone.
func (p Place) hidden(spelling string) []string {
	dirs := p.readDirs(Containers)
	at := slices.Index(dirs, p.certsDir(Containers))
	if p.isDir(path.Join(dirs[at], spelling)) {
		return nil
	}
	for _, dir := range dirs[:at] {
		if own := path.Join(dir, spelling); p.isDir(own) {
			return []string{fmt.Sprintf("containers: %s exists, so podman of this user reads that alone", p.shown(own))}
		}
	}
	for _, dir := range dirs[at+1:] {
		names, _ := p.names(path.Join(dir, spelling)) // what cannot be read is not read by podman either
		for _, name := range names {
			if path.Ext(name) == ".cert" {
				return []string{fmt.Sprintf("containers: podman will no longer read the client certificate %s: copy it and its key into %s",
					p.shown(path.Join(dir, spelling, name)), p.shown(path.Join(dirs[at], spelling)))}
			}
		}
	}
	return nil
}

func (p Place) stillInsecure(h Host, targets []Target) []string {
	var all []string
	for _, t := range targets {
		if t != Docker && t != Containers {
			continue
		}
		entries, err := kindOf(t).list(p)
		if err != nil {
			return []string{err.Error()}
		}
		if i := slices.IndexFunc(entries, func(e Entry) bool { return e.Insecure && slices.Contains(h.Spellings(), e.Host) }); i >= 0 {
			all = append(all, fmt.Sprintf("%s: %s still turns verification off for %s: regctl trust remove %s --insecure", t, p.shown(entries[i].Path), h, h))
		}
	}
	return all
}

// configPath looks whether containerd is told to read certs.d; it does so of itself only from 2.2 on.
func (p Place) configPath() []string {
	if p.User {
		return nil
	}
	const name = "/etc/containerd/config.toml"
	b, err := p.read(name)
	if err != nil || b == nil {
		return nil
	}
	var conf struct {
		Plugins map[string]struct {
			Registry struct {
				ConfigPath string `toml:"config_path"`
			} `toml:"registry"`
		} `toml:"plugins"`
	}
	if err := toml.Unmarshal(b, &conf); err != nil {
		return []string{fmt.Sprintf("containerd: %s: %v", p.shown(name), tomlError(err))}
	}
	for _, plugin := range conf.Plugins {
		if strings.Contains(plugin.Registry.ConfigPath, p.certsDir(Containerd)) {
			return nil
		}
	}
	return []string{fmt.Sprintf("containerd: %s has no registry config_path = %q: before 2.2, Kubernetes' pulls do not read what lies there", p.shown(name), p.certsDir(Containerd))}
}
