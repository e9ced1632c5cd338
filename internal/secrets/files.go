package secrets

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/regctl/regctl/pkg/atomicfile"
	"github.com/regctl/regctl/pkg/hint"
)

// ReadFiles collects the files and directories of a command line, each [KEY=]PATH. A file's key is its
// base name; of a directory all regular files are taken, and skipped names the others.
func ReadFiles(sources []string) (d Data, skipped []string, err error) {
	if len(sources) == 0 {
		return nil, nil, hint.BadUsage(errors.New("at least one source file or directory must be specified"), "write it as [KEY=]FILE")
	}
	d = Data{}
	for _, source := range sources {
		s, err := d.add(source)
		if err != nil {
			return nil, nil, err
		}
		skipped = append(skipped, s...)
	}
	if len(d) == 0 {
		return nil, skipped, hint.BadUsage(errors.New("no files selected"), "specify files, or a directory with regular files")
	}
	return d, skipped, nil
}

func (d Data) add(source string) (skipped []string, err error) {
	key, path, named := strings.Cut(source, "=")
	switch {
	case !named:
		key, path = "", source
	case strings.Contains(path, "="):
		return nil, hint.BadUsage(fmt.Errorf("%q: key names or file paths cannot contain '='", source), "rename the file, or change to its directory")
	case key == "" || path == "":
		return nil, hint.BadUsage(fmt.Errorf("%q: must have the form KEY=FILE", source), "")
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	switch {
	case info.IsDir() && named:
		return nil, hint.BadUsage(fmt.Errorf("%s: cannot specify a key name for a directory path", path), "omit "+key+"=, or specify a file in the directory")
	case info.IsDir():
		return d.addFolder(path)
	case key == "":
		key = filepath.Base(path)
	}
	return nil, d.addFile(key, path)
}

func (d Data) addFolder(path string) (skipped []string, err error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	for _, e := range entries {
		name := filepath.Join(path, e.Name())
		if !e.Type().IsRegular() {
			skipped = append(skipped, name)
			continue
		}
		if err := d.addFile(e.Name(), name); err != nil {
			return nil, err
		}
	}
	return skipped, nil
}

func (d Data) addFile(key, path string) error {
	if err := checkKey(key); err != nil {
		return hint.BadUsage(fmt.Errorf("%s: %w", path, err), "specify another key: KEY="+path)
	}
	if _, twice := d[key]; twice {
		return hint.BadUsage(fmt.Errorf("%s: key %s is already used by another file", path, key), "specify another key: KEY="+path)
	}
	f, err := os.Open(path)
	if err != nil {
		return fileError(path, err)
	}
	defer f.Close()
	if d[key], err = io.ReadAll(io.LimitReader(f, MaxSize+1)); err != nil {
		return fileError(path, err)
	}
	if len(d[key]) > MaxSize {
		return hint.Errorf("omit the file", "%s: exceeds the limit of a secret, %d bytes", path, MaxSize)
	}
	return nil
}

// checkKey is Kubernetes' rule for the keys of secrets.
func checkKey(key string) error {
	bad := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-._", r)
	}
	if key == "" || len(key) > 253 || key == "." || strings.HasPrefix(key, "..") || strings.IndexFunc(key, bad) >= 0 {
		return fmt.Errorf("%q: invalid secret key: must consist of at most 253 letters, digits, dashes, underscores and dots", key)
	}
	return nil
}

// ReadFile reads one file that is to be in a secret.
func ReadFile(path string) ([]byte, error) {
	d := Data{}
	err := d.addFile("file", path)
	return d["file"], err
}

func fileError(name string, err error) error {
	return fmt.Errorf("%s: %w", name, atomicfile.Cause(err))
}
