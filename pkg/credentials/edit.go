package credentials

import (
	"bytes"
	"slices"

	"github.com/tailscale/hujson"
)

// layout is how a file is written: the line end and one level of indentation.
// On one line without spaces both are empty.
type layout struct{ newline, indent, colon string }

// layout learns it from the first member; a new file is written as docker writes it.
func (d *document) layout() layout {
	members := d.top().Members
	if len(members) == 0 {
		return layout{newline: "\n", indent: "\t", colon: " "}
	}
	before, colon := members[0].Name.BeforeExtra, string(members[0].Value.BeforeExtra)
	end := bytes.LastIndexByte(before, '\n')
	if end < 0 {
		return layout{colon: colon}
	}
	l := layout{newline: "\n", indent: string(before[end+1:]), colon: colon}
	if end > 0 && before[end-1] == '\r' {
		l.newline = "\r\n"
	}
	return l
}

func (l layout) line(depth int) hujson.Extra {
	return append([]byte(l.newline), bytes.Repeat([]byte(l.indent), depth)...)
}

// object builds an object of string members, at this depth of the file.
func (l layout) object(depth int, pairs ...string) *hujson.Object {
	obj := &hujson.Object{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			l.put(obj, depth, pairs[i], hujson.String(pairs[i+1]))
		}
	}
	return obj
}

// put sets a member of an object whose braces stand at this depth.
func (l layout) put(obj *hujson.Object, depth int, name string, value hujson.ValueTrimmed) {
	for i := range obj.Members {
		if nameOf(obj.Members[i]) == name {
			obj.Members[i].Value.Value = value
			return
		}
	}
	before := l.line(depth + 1)
	if len(obj.Members) > 0 {
		before = slices.Clone(obj.Members[0].Name.BeforeExtra)
	} else {
		obj.AfterExtra = l.line(depth)
	}
	obj.Members = append(obj.Members, hujson.ObjectMember{
		Name:  hujson.Value{BeforeExtra: before, Value: hujson.String(name)},
		Value: hujson.Value{BeforeExtra: hujson.Extra(l.colon), Value: value},
	})
}

// drop removes the members that match, and says which they were.
func drop(obj *hujson.Object, match func(name string) bool) []string {
	var gone []string
	if obj == nil {
		return nil
	}
	obj.Members = slices.DeleteFunc(obj.Members, func(m hujson.ObjectMember) bool {
		if !match(nameOf(m)) {
			return false
		}
		gone = append(gone, nameOf(m))
		return true
	})
	if n := len(obj.Members); n == 0 {
		obj.AfterExtra = nil
	} else {
		obj.Members[n-1].Value.AfterExtra = nil // else a comma would follow the last one
	}
	return gone
}
