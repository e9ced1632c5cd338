package trust

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tailscale/hujson"
)

const insecureKey = "insecure-registries"

// insecureIn reads the list out of a daemon.json; nil and blank are an empty one.
func insecureIn(b []byte) ([]string, error) {
	doc, err := parseDaemon(b)
	if err != nil {
		return nil, err
	}
	list := doc.Find("/" + insecureKey)
	if list == nil {
		return nil, nil
	}
	array, ok := list.Value.(*hujson.Array)
	if !ok {
		return nil, errors.New(insecureKey + " is not a list")
	}
	var hosts []string
	for _, e := range array.Elements {
		s, ok := e.Value.(hujson.Literal)
		if !ok || s.Kind() != '"' {
			return nil, errors.New(insecureKey + " holds something that is not a string")
		}
		hosts = append(hosts, s.String())
	}
	return hosts, nil
}

func parseDaemon(b []byte) (*hujson.Value, error) {
	if len(bytes.TrimSpace(b)) == 0 {
		b = []byte("{}\n")
	}
	doc, err := hujson.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("it is not JSON: %s", strings.TrimPrefix(err.Error(), "hujson: "))
	}
	if _, ok := doc.Value.(*hujson.Object); !ok {
		return nil, errors.New("it is not a JSON object")
	}
	return &doc, nil
}

// editInsecure adds and removes hosts and leaves all else as it stands: comments,
// order, unknown keys, indentation.
func editInsecure(b []byte, add, remove []string) ([]byte, error) {
	listed, err := insecureIn(b)
	if err != nil {
		return nil, err
	}
	doc, err := parseDaemon(b)
	if err != nil {
		return nil, err
	}
	changed := false
	for i := len(listed) - 1; i >= 0; i-- {
		if slices.Contains(remove, listed[i]) {
			changed = true
			if err := drop(doc, i, len(listed)); err != nil {
				return nil, err
			}
			listed = slices.Delete(listed, i, i+1)
		}
	}
	for _, host := range add {
		if !slices.Contains(listed, host) {
			changed = true
			if err := insert(doc, host); err != nil {
				return nil, err
			}
			listed = append(listed, host)
		}
	}
	if !changed {
		return b, nil
	}
	return doc.Pack(), nil
}

// drop removes one of n elements, with the last one the whole list.
func drop(doc *hujson.Value, i, n int) error {
	path, parent := fmt.Sprintf("/%s/%d", insecureKey, i), doc.Find("/"+insecureKey)
	if n == 1 {
		path, parent = "/"+insecureKey, doc
	}
	close := closing(parent)
	if err := patch(doc, "remove", path, nil); err != nil {
		return err
	}
	reclose(parent, close)
	return nil
}

// insert appends a host, and makes the list where there is none.
func insert(doc *hujson.Value, host string) error {
	list := doc.Find("/" + insecureKey)
	if list == nil {
		return insertList(doc, host)
	}
	if err := patch(doc, "add", "/"+insecureKey+"/-", host); err != nil {
		return err
	}
	elements := doc.Find("/" + insecureKey).Value.(*hujson.Array).Elements
	last := len(elements) - 1
	if last > 0 {
		elements[last].BeforeExtra = behind(elements[last].BeforeExtra, indent(elements[0].BeforeExtra, " "))
	}
	return nil
}

func insertList(doc *hujson.Value, host string) error {
	object := doc.Value.(*hujson.Object)
	if len(object.Members) == 0 && len(bytes.TrimSpace(object.AfterExtra)) == 0 {
		made, err := hujson.Parse(fmt.Appendf(nil, "{\n  %q: [%s]\n}", insecureKey, []byte(hujson.String(host))))
		doc.Value = made.Value
		return err
	}
	if err := patch(doc, "add", "/"+insecureKey, []string{host}); err != nil {
		return err
	}
	members := doc.Value.(*hujson.Object).Members
	if last := len(members) - 1; last > 0 {
		members[last].Name.BeforeExtra = behind(members[last].Name.BeforeExtra, indent(members[0].Name.BeforeExtra, ""))
		members[last].Value.BeforeExtra = indent(members[0].Value.BeforeExtra, "")
	}
	return nil
}

func patch(doc *hujson.Value, op, path string, value any) error {
	b, err := json.Marshal([]map[string]any{{"op": op, "path": path, "value": value}})
	if err != nil {
		return err
	}
	return doc.Patch(b)
}

// indent is the white space that a neighbour stands behind, its comments left out.
func indent(neighbour hujson.Extra, otherwise string) hujson.Extra {
	i := bytes.LastIndexByte(neighbour, '\n')
	white := neighbour[i+1:]
	if len(bytes.TrimSpace(white)) > 0 || len(neighbour) == 0 {
		return hujson.Extra(otherwise)
	}
	return slices.Clone(neighbour[max(i, 0):])
}

// behind puts white space after the comments that the element before has left there.
func behind(comments, white hujson.Extra) hujson.Extra {
	comments = bytes.TrimRight(comments, " \t\r\n")
	if len(comments) > 0 && !bytes.Contains(white, []byte("\n")) {
		white = append(hujson.Extra("\n"), white...)
	}
	return append(slices.Clone(comments), white...)
}

// lastExtra is what stands before a closing bracket.
func lastExtra(v *hujson.Value) *hujson.Extra {
	switch c := v.Value.(type) {
	case *hujson.Array:
		if n := len(c.Elements); n > 0 && c.AfterExtra == nil {
			return &c.Elements[n-1].AfterExtra
		}
		return &c.AfterExtra
	case *hujson.Object:
		if n := len(c.Members); n > 0 && c.AfterExtra == nil {
			return &c.Members[n-1].Value.AfterExtra
		}
		return &c.AfterExtra
	}
	return new(hujson.Extra)
}

// closing is the white space before a closing bracket that has a line of its own.
func closing(v *hujson.Value) []byte {
	extra := *lastExtra(v)
	i := bytes.LastIndexByte(extra, '\n')
	if i < 0 || len(bytes.TrimSpace(extra[i:])) > 0 {
		return nil
	}
	return slices.Clone(extra[i:])
}

// reclose gives the bracket its own line again after the last element has gone.
func reclose(v *hujson.Value, close []byte) {
	if close == nil {
		return
	}
	extra := lastExtra(v)
	*extra = append(bytes.TrimRight(slices.Clone(*extra), " \t\r\n"), close...)
}
