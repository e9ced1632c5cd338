package trust

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDaemonJSONKeepsAllElse(t *testing.T) {
	for _, c := range []struct{ name, in, add, remove, want string }{
		{name: "no file", add: "a:1", want: "{\n  \"insecure-registries\": [\"a:1\"]\n}\n"},
		{name: "empty object", in: "{}\n", add: "a:1", want: "{\n  \"insecure-registries\": [\"a:1\"]\n}\n"},
		{name: "there already", in: `{"insecure-registries":["a:1"]}`, add: "a:1", want: `{"insecure-registries":["a:1"]}`},
		{name: "one line", in: `{"insecure-registries":["b"]}`, add: "a:1", want: `{"insecure-registries":["b", "a:1"]}`},
		{
			name: "indented with tabs, other keys",
			in:   "{\n\t\"mtu\": 1450,\n\t\"x-unknown\": {\"b\": 1, \"a\": 2}\n}\n", add: "a:1",
			want: "{\n\t\"mtu\": 1450,\n\t\"x-unknown\": {\"b\": 1, \"a\": 2},\n\t\"insecure-registries\": [\"a:1\"]\n}\n",
		},
		{
			name: "a list of lines, with comments",
			in:   "{\n  // ours\n  \"insecure-registries\": [\n    \"x\", // why x\n    \"y\" // why y\n  ]\n}\n", add: "a:1",
			want: "{\n  // ours\n  \"insecure-registries\": [\n    \"x\", // why x\n    \"y\", // why y\n    \"a:1\"\n  ]\n}\n",
		},
		{
			name: "the last of a list goes",
			in:   "{\n  \"insecure-registries\": [\n    \"x\",\n    \"a:1\"\n  ]\n}\n", remove: "a:1",
			want: "{\n  \"insecure-registries\": [\n    \"x\"\n  ]\n}\n",
		},
		{
			name: "the only one goes, and the list with it",
			in:   "{\n  \"mtu\": 1450,\n  \"insecure-registries\": [\"a:1\"]\n}\n", remove: "a:1",
			want: "{\n  \"mtu\": 1450\n}\n",
		},
		{name: "null", in: `{"insecure-registries": null, "mtu": 1}`, add: "a:1", want: `{"insecure-registries": ["a:1"], "mtu": 1}`},
		{name: "null, nothing to remove", in: `{"insecure-registries": null}`, remove: "a:1", want: `{"insecure-registries": null}`},
		{
			name: "key twice: the last counts for dockerd",
			in:   `{"insecure-registries": ["a:1"], "mtu": 1, "insecure-registries": ["b"]}`, add: "a:1",
			want: `{ "mtu": 1, "insecure-registries": ["b", "a:1"]}`,
		},
		{name: "key twice, removed from the last", in: `{"insecure-registries":["a:1"],"insecure-registries":["a:1","b"]}`, remove: "a:1", want: `{"insecure-registries":["b"]}`},
		{name: "UTF-8 with BOM", in: "\xef\xbb\xbf{}\r\n", add: "a:1", want: "\xef\xbb\xbf{\n  \"insecure-registries\": [\"a:1\"]\n}\r\n"},
		{name: "UTF-16", in: utf16le("{}"), add: "a:1", want: utf16le("{\n  \"insecure-registries\": [\"a:1\"]\n}")},
		{name: "not there", in: "{ }", remove: "a:1", want: "{ }"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := editInsecure([]byte(c.in), list(c.add), list(c.remove))
			require.NoError(t, err)
			require.Equal(t, c.want, string(got))
			again, err := editInsecure(got, list(c.add), list(c.remove))
			require.NoError(t, err)
			require.Equal(t, string(got), string(again), "a second time changes nothing")
		})
	}
}

// utf16le is an ASCII text as PowerShell writes it.
func utf16le(s string) string {
	b := []byte("\xff\xfe")
	for _, c := range []byte(s) {
		b = append(b, c, 0)
	}
	return string(b)
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func TestDaemonJSONThatIsNoneIsRefused(t *testing.T) {
	for in, want := range map[string]string{
		"{\n\"a\": b}":                     "it is not JSON: line 2, column 6: invalid literal: b",
		"[]":                               "it is not a JSON object",
		`{"insecure-registries": "a"}`:     "insecure-registries is not a list",
		`{"insecure-registries": ["a",1]}`: "insecure-registries holds something that is not a string",
	} {
		_, err := editInsecure([]byte(in), []string{"x"}, nil)
		require.EqualError(t, err, want)
	}
}

// FuzzDaemonJSON: an edit never loses or changes another key, the result parses, and the host is in it, or out of it.
func FuzzDaemonJSON(f *testing.F) {
	for _, s := range []string{
		"", "{}", `{"a":1}`, "{\n // c\n \"a\": [1], // d\n}", `{"insecure-registries":["a:1","b",],}`, "{\"insecure-registries\":[/* c */]}",
		"{\"insecure-registries\": [\n \"x\" // c\n , \"a:1\" // d\n]}", `{"a":{},"insecure-registries":["a:1"],"a":2}`, "[]", "{",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		before, err := insecureIn(b)
		if err != nil {
			return
		}
		added, err := editInsecure(b, []string{"a:1"}, nil)
		require.NoError(t, err)
		hosts, err := insecureIn(added)
		require.NoError(t, err)
		require.Contains(t, hosts, "a:1")
		require.Equal(t, without(before), without(hosts))
		require.Equal(t, otherKeys(t, b), otherKeys(t, added))

		removed, err := editInsecure(added, nil, []string{"a:1"})
		require.NoError(t, err)
		hosts, err = insecureIn(removed)
		require.NoError(t, err)
		require.Equal(t, without(before), without(hosts))
		require.Equal(t, otherKeys(t, b), otherKeys(t, removed))
	})
}

func without(hosts []string) []string {
	return slices.DeleteFunc(append([]string{}, hosts...), func(h string) bool { return h == "a:1" })
}

func otherKeys(t *testing.T, b []byte) map[string]any {
	t.Helper()
	m := map[string]any{}
	if len(b) > 0 {
		doc, _, err := parseDaemon(b)
		require.NoError(t, err)
		doc.Minimize()
		require.NoError(t, json.Unmarshal(doc.Pack(), &m))
	}
	delete(m, insecureKey)
	return m
}
