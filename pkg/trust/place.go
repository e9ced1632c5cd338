package trust

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"
)

// Target is a kind of tool that can trust a CA.
type Target string

// The targets.
const (
	Docker     Target = "docker"     // dockerd, Docker CLI
	Containers Target = "containers" // podman, buildah, skopeo, CRI-O
	Containerd Target = "containerd" // containerd, Kubernetes on it, nerdctl
	System     Target = "system"     // everything that asks the operating system
)

// Targets are all of them, in the order in which they are reported.
func Targets() []Target { return []Target{Docker, Containers, Containerd, System} }

// Place says where a host's tools look.
type Place struct {
	FS         fs.FS  // the host's file tree from its /
	Prefix     string // of paths in what is said, where the tree is below another directory
	User       bool   // change the user's own files instead of the machine's
	Home       string // of the user; "" where there is none
	ConfigHome string // $XDG_CONFIG_HOME, by default Home/.config
	AsRoot     string // the command that does the same to the machine's files, for advice
}

// File is a file that is to have this content.
type File struct {
	Target  Target
	Host    string // the spelling that it is for, empty where it holds several
	Path    string // absolute, on the host
	Content []byte // nil: the file is to be absent
	// Edit makes Content anew from what is in the file when it is written: another process may
	// have changed it since Content was made. nil where Content is independent of that.
	Edit   func(live []byte) ([]byte, error)
	Edited bool     // others own it too: keep a copy of what was there
	OwnDir bool     // the directory is for this file alone: remove it with its last file
	Then   []string // the command that makes the change count; nil: it counts at once
	Run    bool     // Then is harmless, so it may be run; else it restarts a daemon and is the user's to run
}

// read returns a file's content, nil where it is absent.
func (p Place) read(name string) ([]byte, error) {
	b, err := fs.ReadFile(p.FS, rel(name))
	if absent(err) {
		return nil, nil
	}
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, fmt.Errorf("%s: %w", p.shown(name), pe.Err)
	}
	return b, err
}

// shown is a path as the one who reads a message can open it.
func (p Place) shown(name string) string {
	if p.Prefix == "" {
		return name
	}
	return path.Join(p.Prefix, name)
}

// isDir tells whether a directory exists.
func (p Place) isDir(name string) bool {
	info, err := fs.Stat(p.FS, rel(name))
	return err == nil && info.IsDir()
}

func (p Place) exists(name string) bool {
	_, err := fs.Stat(p.FS, rel(name))
	return err == nil
}

// names lists a directory; one that does not exist, or that the user cannot read, is empty, as it is to the tools.
func (p Place) names(dir string) ([]string, error) {
	entries, err := fs.ReadDir(p.FS, rel(dir))
	if absent(err) || errors.Is(err, fs.ErrPermission) {
		return nil, nil
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

func rel(name string) string { return strings.TrimPrefix(path.Clean(name), "/") }

// certsDir is the certs.d directory that a target's files are written to.
func (p Place) certsDir(t Target) string {
	if !p.User {
		return "/etc/" + string(t) + "/certs.d"
	}
	if t == Containers { // reads ~/.config whatever XDG_CONFIG_HOME says
		return path.Join(p.Home, ".config/containers/certs.d")
	}
	return path.Join(p.ConfigHome, string(t), "certs.d")
}

// readDirs are the certs.d directories that a target reads, first to last. Docker and
// containerd have the system's or (rootless) the user's; containers takes the
// first that has a directory for the host, and that one alone.
func (p Place) readDirs(t Target) []string {
	user, system := p, p
	user.User, system.User = true, false
	var dirs []string
	if p.Home != "" && (p.User || t == Containers) {
		dirs = append(dirs, user.certsDir(t))
	}
	dirs = append(dirs, system.certsDir(t))
	if t == Containers {
		dirs = append(dirs, system.certsDir(Docker))
	}
	return dirs
}

// CertFolders are the directories in which docker and containers look for the
// certificates of a host, as it is written in an image reference; the user's come first.
func (p Place) CertFolders(host string) []string {
	p.User = p.Home != ""
	var dirs []string
	for _, t := range []Target{Containers, Docker} {
		for _, dir := range p.readDirs(t) {
			if d := path.Join(dir, host); !slices.Contains(dirs, d) {
				dirs = append(dirs, d)
			}
		}
	}
	return dirs
}
