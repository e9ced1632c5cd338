package cluster

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/cli-runtime/pkg/resource"
)

func TestReadObjects(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	two := write("two.yaml", "# a comment\n---\nkind: A\nmetadata: {name: a}\n---\nkind: List\napiVersion: v1\nitems: [{kind: B, apiVersion: v1, metadata: {name: b}}]\n")
	write("notes.txt", "no object")
	write("below/c.json", `{"kind":"C","apiVersion":"v1","metadata":{"name":"c"},"spec":{"n":3}}`)
	names := func(files []string, recursive bool) string {
		all, err := ReadObjects(resource.FilenameOptions{Filenames: files, Recursive: recursive}, strings.NewReader("kind: In\nmetadata: {name: in}"))
		require.NoError(t, err)
		found := []string{}
		for _, o := range all {
			found = append(found, o.GetKind()+"/"+o.GetName())
		}
		return strings.Join(found, " ")
	}
	require.Equal(t, "A/a B/b", names([]string{two}, false))
	require.Equal(t, "A/a B/b", names([]string{dir}, false))
	require.Equal(t, "In/in C/c A/a B/b", names([]string{dir, "-"}, true))

	for name, want := range map[string]string{
		filepath.Join(dir, "none"):                      "no such file or directory",
		write("empty.yaml", "# nothing\n"):              "no object found",
		write("nameless.yaml", "kind: A\n"):             "object without kind or name",
		write("list.yaml", "- a\n- b\n"):                "cannot unmarshal array",
		write("broken.yaml", "kind: [\n"):               "error converting YAML to JSON",
		write("items.yaml", "kind: List\nitems: [3]\n"): "items",
	} {
		_, err := ReadObjects(resource.FilenameOptions{Filenames: []string{name}}, nil)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, name)
	}
}

func FuzzReadObjects(f *testing.F) {
	for _, s := range []string{"kind: A\nmetadata: {name: a}", `{"kind":"List","items":[{"kind":"B","metadata":{"name":"b"}}]}`, "---\n---\n", "kind: List\nitems: 3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		all, err := ReadObjects(resource.FilenameOptions{Filenames: []string{"-"}}, strings.NewReader(s))
		if err == nil {
			require.NotEmpty(t, all)
		}
		for _, o := range all {
			require.NotEmpty(t, o.GetKind())
			require.NotPanics(t, func() { o.DeepCopy() })
		}
	})
}
