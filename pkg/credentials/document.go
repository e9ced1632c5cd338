package credentials

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/tailscale/hujson"
)

// document is a JSON file as its syntax tree, so that what is not edited stays
// as it is to the byte: order, indentation, unknown keys.
type document struct {
	path string
	root hujson.Value
}

// parseDocument reads a file's text. An empty one is an empty object, as docker takes it.
func parseDocument(path string, b []byte) (*document, error) {
	if len(bytes.TrimSpace(b)) == 0 {
		b = []byte("{}\n")
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(b, &top); err != nil {
		return nil, broken(path, b, err)
	}
	root, err := hujson.Parse(b)
	if err != nil {
		return nil, broken(path, b, err)
	}
	if _, ok := root.Value.(*hujson.Object); !ok {
		return nil, broken(path, b, errors.New("not a JSON object"))
	}
	return &document{path: path, root: root}, nil
}

func broken(path string, b []byte, err error) error {
	where := path
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		before := b[:max(0, min(int(syntax.Offset), len(b))-1)] // the offset is behind the byte that is wrong
		line := 1 + bytes.Count(before, []byte("\n"))
		column := len(before) - bytes.LastIndexByte(before, '\n')
		where = fmt.Sprintf("%s:%d:%d", path, line, column)
	} else if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		err = errors.New("not a JSON object")
	}
	return hint.Errorf(setAside(path), "%s: not a credentials file: %w", where, err)
}

// setAside is the command that makes way for a new file.
func setAside(path string) string {
	if name, ok := strings.CutPrefix(path, "$"); ok {
		return "mend it, or do without: unset " + name
	}
	return "mend it, or set it aside: " + hint.Quote("mv", path, path+".bad")
}

func (d *document) top() *hujson.Object { return d.root.Value.(*hujson.Object) }

// object returns the member of the top object that is an object itself: nil where it is absent or null.
func (d *document) object(name string) (*hujson.Object, error) {
	var found *hujson.Object
	count := 0
	for _, m := range d.top().Members {
		if nameOf(m) != name {
			continue
		}
		count++
		obj, ok := m.Value.Value.(*hujson.Object)
		if !ok && m.Value.Value.Kind() != 'n' {
			return nil, hint.Errorf(setAside(d.path), "%s: %s: not a JSON object", d.path, name)
		}
		found = obj
	}
	if count > 1 {
		return nil, hint.Errorf(setAside(d.path), "%s: %s is there %d times", d.path, name, count)
	}
	return found, nil
}

// text returns a string member of an object, "" where there is none.
func text(obj *hujson.Object, name string) string {
	if obj == nil {
		return ""
	}
	for _, m := range obj.Members {
		if lit, ok := m.Value.Value.(hujson.Literal); ok && nameOf(m) == name && lit.Kind() == '"' {
			return lit.String()
		}
	}
	return ""
}

func nameOf(m hujson.ObjectMember) string { return m.Name.Value.(hujson.Literal).String() }

// names lists the members of an object.
func names(obj *hujson.Object) []string {
	if obj == nil {
		return nil
	}
	var list []string
	for _, m := range obj.Members {
		list = append(list, nameOf(m))
	}
	return list
}
