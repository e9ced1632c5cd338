package registry

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem" // the drivers register
	_ "github.com/distribution/distribution/v3/registry/storage/driver/inmemory"   // themselves by name
	"github.com/regctl/regctl/pkg/hint"
)

// Files is storage in a directory of this machine.
func Files(dir string) Storage {
	return Storage{Kind: "filesystem", Parameters: map[string]any{"rootdirectory": dir}}
}

func filesKind() StorageKind {
	return StorageKind{
		Drivers: []string{"filesystem"}, Scheme: "file", Form: "file:///DIR",
		parse: func(u *url.URL) (Storage, error) {
			if u.Host != "" || !filepath.IsAbs(u.Path) {
				return Storage{}, badStorage("storage %q: the directory must be absolute", u)
			}
			return Files(u.Path), nil
		},
		complete: func(p map[string]any) {
			if dir := p["rootdirectory"]; dir == nil || dir == "" {
				p["rootdirectory"] = "/var/lib/registry" // the driver's own default
			}
		},
		where: func(p map[string]any) string { return fmt.Sprint(p["rootdirectory"]) },
		check: checkDirectory,
	}
}

func checkDirectory(_ context.Context, s Storage, readOnly bool) error {
	dir := fmt.Sprint(s.Parameters["rootdirectory"])
	if readOnly {
		_, err := os.ReadDir(dir)
		return hint.New(err, "name the directory above docker/registry/v2: regctl serve --root DIR")
	}
	err := os.MkdirAll(dir, 0o755)
	if err == nil {
		var f *os.File
		if f, err = os.CreateTemp(dir, ".regctl-write-*"); err == nil {
			return errors.Join(f.Close(), os.Remove(f.Name()))
		}
	}
	err = fmt.Errorf("storage %s cannot be written: %w", dir, err)
	if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EROFS) {
		return hint.New(err, "name a directory: regctl serve --root DIR")
	}
	return hint.New(err, "chown -R $(id -u) "+hint.Quote(dir)+", or name another directory: regctl serve --root DIR")
}

func memoryKind() StorageKind {
	return StorageKind{
		Drivers: []string{"inmemory"}, Scheme: "memory", Form: "memory:",
		parse: func(u *url.URL) (Storage, error) {
			if u.Host != "" || strings.Trim(u.Path+u.Opaque, "/") != "" {
				return Storage{}, badStorage("storage %q: memory: takes no path", u)
			}
			return Storage{Kind: "inmemory", Parameters: map[string]any{}}, nil
		},
		complete: func(map[string]any) {},
		where:    func(map[string]any) string { return "memory (lost when the registry stops)" },
		check:    func(context.Context, Storage, bool) error { return nil },
	}
}
