package credentials

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tailscale/hujson"
)

// Format is which tool's rules a file follows.
type Format int

// Formats. Docker and Containers have {"auths": {HOST: {"auth": …}}}; docker
// knows credsStore beside credHelpers and has a key of its own for docker.io.
// Legacy is .dockercfg, which has the hosts at the top level.
const (
	Containers Format = iota
	Docker
	Legacy
)

// formatOf tells a file's format by its name.
func formatOf(path string) Format {
	switch filepath.Base(path) {
	case "config.json":
		return Docker
	case ".dockercfg":
		return Legacy
	}
	return Containers
}

// File is a file that holds credentials.
type File struct {
	Path   string
	Format Format
	Note   string // why it is this file and not the usual one; for people, may be empty

	text string // of what is no file: $DOCKER_AUTH_CONFIG
}

// contents is what a file holds: its text, which is edited, and its parts about credentials.
type contents struct {
	File
	text    hujson.Value
	auths   map[string]json.RawMessage
	helpers map[string]string // credHelpers: the helper's name by host
	store   string            // credsStore: the helper of all other hosts
}

func (f File) load() (*contents, error) {
	if f.text != "" {
		return f.parse([]byte(f.text))
	}
	b, err := os.ReadFile(f.Path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, noAccess(f.Path, err)
	}
	return f.parse(b)
}

// parse reads a file's text. An empty file is an empty object, as for docker.
func (f File) parse(text []byte) (*contents, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		text = []byte("{}\n")
	}
	c := &contents{File: f}
	var top map[string]json.RawMessage
	err := json.Unmarshal(text, &top)
	if err == nil && top == nil {
		err = errors.New("not a JSON object")
	}
	if err == nil {
		c.text, err = hujson.Parse(text)
	}
	if err != nil {
		return nil, malformed(f.Path, text, err)
	}
	if f.Format == Legacy {
		c.auths = top
		return c, c.unambiguous()
	}
	err = errors.Join(f.part(top, "auths", "object", &c.auths), f.part(top, "credHelpers", "object of strings", &c.helpers))
	if f.Format == Docker {
		err = errors.Join(err, f.part(top, "credsStore", "string", &c.store))
	}
	return c, errors.Join(err, c.unambiguous())
}

// part reads one member of the top level, which may be missing.
func (f File) part(top map[string]json.RawMessage, name, kind string, into any) error {
	if raw, ok := top[name]; ok && json.Unmarshal(raw, into) != nil {
		return errorf(MalformedFile, f.Path, "%s: %s: not a JSON %s", f.Path, name, kind)
	}
	return nil
}

// unambiguous refuses a key that is set twice: readers differ in which one they take.
func (c *contents) unambiguous() error {
	for _, pointer := range []string{"", "/auths", "/credHelpers"} {
		value := c.text.Find(pointer)
		if value == nil {
			continue
		}
		seen := map[string]bool{}
		obj, _ := value.Value.(*hujson.Object) // null has no members
		for i := 0; obj != nil && i < len(obj.Members); i++ {
			name := obj.Members[i].Name.Value.(hujson.Literal).String()
			if seen[name] {
				return errorf(MalformedFile, c.Path, "%s: duplicate key %q", c.Path, name)
			}
			seen[name] = true
		}
	}
	return nil
}

func malformed(path string, text []byte, err error) error {
	where := path
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		before := text[:max(0, min(int(syntax.Offset), len(text))-1)] // the offset is behind the invalid byte
		line := 1 + bytes.Count(before, []byte("\n"))
		where = fmt.Sprintf("%s:%d:%d", path, line, len(before)-bytes.LastIndexByte(before, '\n'))
	} else if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		err = errors.New("not a JSON object")
	}
	return errorf(MalformedFile, path, "%s: not a credentials file: %w", where, err)
}

// noAccess names the file itself, not the temporary one or the directory that an operation was about.
func noAccess(path string, err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		err = fmt.Errorf("%s: %w", e.Op, e.Err)
	}
	return errorf(NoAccess, path, "%s: %w", path, err)
}
