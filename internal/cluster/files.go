package cluster

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/yaml"
)

// ReadObjects reads the objects in YAML and JSON files, in their order; lists are taken
// apart. A name may be "-" for stdin, or a folder, whose *.yaml, *.yml and *.json files
// are read, with recursive also those below.
func ReadObjects(names []string, recursive bool, stdin io.Reader) ([]Object, error) {
	var all []Object
	for _, name := range names {
		found, err := readNamed(name, recursive, stdin)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("%s: no object in it", name)
		}
		all = append(all, found...)
	}
	return all, nil
}

func readNamed(name string, recursive bool, stdin io.Reader) ([]Object, error) {
	if name == "-" {
		return decodeObjects(stdin)
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, Cause(err)
	}
	if !info.IsDir() {
		return readObjectFile(name)
	}
	var all []Object
	err = filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return Cause(err)
		case d.IsDir() && path != name && !recursive:
			return fs.SkipDir
		case d.IsDir() || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(path)):
			return nil
		}
		found, err := readObjectFile(path)
		all = append(all, found...)
		return err
	})
	return all, err
}

func readObjectFile(path string) ([]Object, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, Cause(err)
	}
	defer f.Close()
	return decodeObjects(f)
}

// Cause is the error of a file without its name, which is said already.
func Cause(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}

func decodeObjects(r io.Reader) ([]Object, error) {
	var all []Object
	decoder := yaml.NewYAMLOrJSONDecoder(r, 4096)
	for {
		var raw map[string]any
		if err := decoder.Decode(&raw); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		if len(raw) == 0 { // a document with comments alone
			continue
		}
		o, err := ObjectOf(raw)
		if err != nil {
			return nil, err
		}
		if all, err = flatten(all, o); err != nil {
			return nil, err
		}
	}
}

// flatten adds an object, or those of a list.
func flatten(all []Object, o *Object) ([]Object, error) {
	if o.IsList() {
		list, err := o.ToList()
		if err != nil {
			return nil, err
		}
		for i := range list.Items {
			if all, err = flatten(all, &list.Items[i]); err != nil {
				return nil, err
			}
		}
		return all, nil
	}
	if o.GetKind() == "" || strings.TrimSpace(o.GetName()) == "" {
		return nil, errors.New("an object without kind or name")
	}
	return append(all, *o), nil
}
