package trust

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/regctl/regctl/pkg/textfile"
	"github.com/tailscale/hujson"
)

const insecureKey = "insecure-registries"

// insecureIn reads the list out of a daemon.json as dockerd does.
func insecureIn(b []byte) ([]string, error) {
	doc, _, err := parseDaemon(b)
	if err != nil {
		return nil, err
	}
	return doc.listed()
}

// daemonJSON is a daemon.json whose comments and order stay when it is edited.
type daemonJSON struct{ *hujson.Value }

// parseDaemon reads UTF-8 and UTF-16 with a byte order mark, as dockerd does; nothing but
// white space is an empty configuration. encode turns an edited text back.
func parseDaemon(b []byte) (doc daemonJSON, encode func([]byte) ([]byte, error), err error) {
	text, encode, err := textfile.Decode(b)
	if err != nil {
		return doc, nil, err
	}
	if len(bytes.TrimSpace(text)) == 0 {
		text = []byte("{}\n")
	}
	parsed, err := hujson.Parse(text)
	if err != nil {
		return doc, nil, fmt.Errorf("it is not JSON: %s", strings.TrimPrefix(err.Error(), "hujson: "))
	}
	if _, ok := parsed.Value.(*hujson.Object); !ok {
		return doc, nil, errors.New("it is not a JSON object")
	}
	return daemonJSON{&parsed}, encode, nil
}

// list is the value that counts for dockerd: of several with the same key, the last.
func (d daemonJSON) list() *hujson.Value {
	members := d.Value.Value.(*hujson.Object).Members
	for i := len(members) - 1; i >= 0; i-- {
		if isInsecureKey(members[i]) {
			return &members[i].Value
		}
	}
	return nil
}

func isInsecureKey(m hujson.ObjectMember) bool {
	name, ok := m.Name.Value.(hujson.Literal)
	return ok && name.String() == insecureKey
}

func (d daemonJSON) listed() ([]string, error) {
	list := d.list()
	if list == nil || isNull(list) {
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

func isNull(v *hujson.Value) bool {
	literal, ok := v.Value.(hujson.Literal)
	return ok && literal.Kind() == 'n'
}

// normalize leaves the one list that counts, so that an edit finds it by its key, and makes
// null an empty list.
func (d daemonJSON) normalize() {
	object, list := d.Value.Value.(*hujson.Object), d.list()
	if list == nil {
		return
	}
	if isNull(list) {
		list.Value = &hujson.Array{}
	}
	last := len(object.Members) - 1
	for !isInsecureKey(object.Members[last]) {
		last--
	}
	kept := object.Members[:0]
	for i, m := range object.Members {
		if i == last || !isInsecureKey(m) {
			kept = append(kept, m)
		}
	}
	object.Members = kept
}

// editInsecure adds and removes hosts and leaves all else as it stands: comments,
// order, unknown keys, indentation, encoding.
func editInsecure(b []byte, add, remove []string) ([]byte, error) {
	doc, encode, err := parseDaemon(b)
	if err != nil {
		return nil, err
	}
	listed, err := doc.listed()
	if err != nil {
		return nil, err
	}
	has := func(host string) bool { return slices.Contains(listed, host) }
	if !slices.ContainsFunc(remove, has) && !slices.ContainsFunc(add, func(host string) bool { return !has(host) }) {
		return b, nil
	}
	doc.normalize()
	for i := len(listed) - 1; i >= 0; i-- {
		if slices.Contains(remove, listed[i]) {
			if err := drop(doc.Value, i, len(listed)); err != nil {
				return nil, err
			}
			listed = slices.Delete(listed, i, i+1)
		}
	}
	for _, host := range add {
		if !has(host) {
			if err := insert(doc.Value, host); err != nil {
				return nil, err
			}
			listed = append(listed, host)
		}
	}
	return encode(doc.Pack())
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

// indent is the white space that a neighbor stands behind, its comments left out.
func indent(neighbor hujson.Extra, otherwise string) hujson.Extra {
	i := bytes.LastIndexByte(neighbor, '\n')
	white := neighbor[i+1:]
	if len(bytes.TrimSpace(white)) > 0 || len(neighbor) == 0 {
		return hujson.Extra(otherwise)
	}
	return slices.Clone(neighbor[max(i, 0):])
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
