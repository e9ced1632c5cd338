package credentials

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/regctl/regctl/pkg/atomicfile"
)

func noHome() error {
	return errorf(NoHome, "", "no place to store credentials: HOME is not set")
}

// Targets returns the files that a login writes: docker's config.json
// (to = "docker"), containers' auth.json ("containers"), both ("all"), or the
// one at the given path. Nothing on disk is changed or needs to exist.
func Targets(env Env, to string) ([]File, error) {
	switch to {
	case "docker":
		return files(env.docker())
	case "containers":
		return files(env.containers())
	case "all":
		d, err := env.docker()
		if err != nil {
			return nil, err
		}
		c, err := env.containers()
		return distinct([]File{d, c}), err
	}
	if !strings.ContainsAny(to, "./"+string(filepath.Separator)) {
		return nil, errorf(UnknownTarget, to, "%q is neither docker, containers or all nor the path of a file", to)
	}
	return []File{{Path: to, Format: formatOf(to)}}, nil
}

// Sources returns the files in which credentials are looked up, in this order:
// REGISTRY_AUTH_FILE alone if it is set, else containers' run-time file, its
// file below ~/.config, DOCKER_AUTH_CONFIG (which holds the text itself, as CI
// systems set it), docker's config.json, ~/.dockercfg.
func Sources(env Env) []File {
	if explicit := env.Getenv("REGISTRY_AUTH_FILE"); explicit != "" {
		return []File{{Path: explicit, Format: formatOf(explicit)}}
	}
	list := env.all()
	if text := env.Getenv("DOCKER_AUTH_CONFIG"); text != "" {
		at := slices.IndexFunc(list, func(f File) bool { return f.Format != Containers })
		if at < 0 {
			at = len(list)
		}
		list = slices.Insert(list, at, File{Path: "$DOCKER_AUTH_CONFIG", Format: Docker, text: text})
	}
	return list
}

// Everywhere returns every file that may hold credentials of the user: a logout
// searches them all.
func Everywhere(env Env) []File {
	list := env.all()
	if explicit := env.Getenv("REGISTRY_AUTH_FILE"); explicit != "" {
		list = append(list, File{Path: explicit, Format: formatOf(explicit)})
	}
	return distinct(list)
}

func (e Env) all() []File {
	var list []File
	if f, ok := e.runtime(); ok {
		list = append(list, f)
	}
	if f, err := e.persistent(); err == nil {
		list = append(list, f)
	}
	if f, err := e.docker(); err == nil {
		list = append(list, f)
	}
	if home := e.Getenv("HOME"); home != "" {
		list = append(list, File{Path: filepath.Join(home, ".dockercfg"), Format: Legacy})
	}
	return distinct(list)
}

func (e Env) docker() (File, error) {
	dir, home := e.Getenv("DOCKER_CONFIG"), e.Getenv("HOME")
	if dir == "" {
		if home == "" {
			return File{}, noHome()
		}
		dir = filepath.Join(home, ".docker")
	}
	return File{Path: filepath.Join(dir, "config.json"), Format: Docker}, nil
}

// containers is the file that podman, skopeo and buildah would write, except that they
// fail if XDG_RUNTIME_DIR names a missing directory (cron, sudo, CI). In that case it
// is the file below ~/.config, which all of them read.
func (e Env) containers() (File, error) {
	if explicit := e.Getenv("REGISTRY_AUTH_FILE"); explicit != "" {
		return File{Path: explicit, Format: formatOf(explicit)}, nil
	}
	if f, ok := e.runtime(); ok {
		return f, nil
	}
	f, err := e.persistent()
	if dir := e.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		f.Note = fmt.Sprintf("XDG_RUNTIME_DIR names %s, which does not exist; podman also reads %s", dir, f.Path)
	}
	return f, err
}

// runtime is the file that a reboot removes; ok is false if its directory neither
// exists nor can be created. Only root may read /run/containers.
func (e Env) runtime() (f File, ok bool) {
	dir := e.Getenv("XDG_RUNTIME_DIR")
	if dir != "" {
		return File{Path: filepath.Join(dir, "containers", "auth.json"), Format: Containers}, isDir(dir)
	}
	dir = filepath.Join(e.run(), "containers", strconv.Itoa(e.UID))
	return File{Path: filepath.Join(dir, "auth.json"), Format: Containers}, isDir(dir) || e.UID == 0 && isDir(e.run())
}

// persistent is the file that outlives a logout and a reboot.
func (e Env) persistent() (File, error) {
	dir, home := e.Getenv("XDG_CONFIG_HOME"), e.Getenv("HOME")
	if dir == "" {
		if home == "" {
			return File{}, noHome()
		}
		dir = filepath.Join(home, ".config")
	}
	return File{Path: filepath.Join(dir, "containers", "auth.json"), Format: Containers}, nil
}

func files(f File, err error) ([]File, error) {
	if err != nil {
		return nil, err
	}
	return []File{f}, nil
}

// distinct drops files that another path names already.
func distinct(list []File) []File {
	seen := map[string]bool{}
	var out []File
	for _, f := range list {
		if real := atomicfile.Behind(f.Path); !seen[real] {
			seen[real] = true
			out = append(out, f)
		}
	}
	return out
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
