package survey

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const v2 = "/registry/docker/registry/v2/"

func TestExplainPath(t *testing.T) {
	for path, want := range map[string]string{
		"blobs":                                          "blobs: layers, manifests and signatures",
		"blobs/sha256":                                   "blobs by their sha256 digest",
		"blobs/sha256/ed":                                "blobs whose digest begins with ed",
		"blobs/sha256/ed/ede1":                           "one blob",
		"blobs/sha256/ed/ede1/data":                      "the blob's contents",
		"repositories":                                   "all image repositories",
		"repositories/p1/pause":                          "the repository p1/pause, or repositories below it",
		"repositories/p1/pause/_uploads":                 "uploads of layers",
		"repositories/p1/pause/_uploads/u/data":          "the data received so far",
		"repositories/p1/pause/_layers":                  "links to all layers that this repository references",
		"repositories/p1/pause/_layers/sha256/a3/link":   "a reference to one layer, by an image of this repository",
		"repositories/p1/pause/_manifests/revisions":     "all pushed manifests",
		"repositories/p1/pause/_manifests/tags/v1":       "the tag v1",
		"repositories/p1/pause/_manifests/tags/v1/index": "all manifests that the tag has had",
		"repositories/p1/pause/_manifests/revisions/sha256/e9/signatures":                "signatures of one manifest revision",
		"repositories/p1/pause/_manifests/revisions/sha256/e9/signatures/sha256/ed/link": "a reference to the blob with a signature",
		"repositories/p1/pause/_manifests/revisions/sha256/e9/link":                      "a reference to the blob with the manifest",
	} {
		require.Equal(t, want, explainPath(v2+path), path)
	}
	require.Empty(t, explainPath("/registry/ca.key"))
}

// storage makes one blob, one tag and one upload.
func storage(t *testing.T) string {
	t.Helper()
	t.Helper()
	root := t.TempDir()
	for name, size := range map[string]int{
		"blobs/sha256/ed/ede1/data":                            100,
		"repositories/p1/pause/_layers/sha256/ede1/link":       10,
		"repositories/p1/pause/_manifests/tags/v1/index":       7,
		"repositories/p1/pause/_uploads/9f/a file with | in":   5,
		"repositories/p1/pause-more/_layers/sha256/ede1/link":  10,
		"repositories/p1/pause/_uploads/9f/startedat":          3,
		"repositories/p1/pause/_manifests/revisions/sha256/ab": 0,
	} {
		file := filepath.Join(root, "docker/registry/v2", name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, make([]byte, size), 0o600))
	}
	return root
}

// TestEntries: regctl's own list and that of the tools of other images are the same.
func TestEntries(t *testing.T) {
	root := storage(t)
	var ours bytes.Buffer
	require.NoError(t, WriteEntries(&ours, os.DirFS(root), root))
	own, err := ReadEntries(&ours)
	require.NoError(t, err)

	command := ListCommand(root)
	theirs, err := exec.Command(command[0], command[1:]...).Output()
	require.NoError(t, err)
	foreign, err := ReadEntries(bytes.NewReader(theirs))
	require.NoError(t, err)
	require.Equal(t, own, foreign)

	var shown []string
	for _, e := range Overview(own) {
		shown = append(shown, e.Path[len(root+"/docker/registry/v2/"):])
	}
	require.Equal(t, []string{
		"blobs", "repositories", "repositories/p1",
		"repositories/p1/pause", "repositories/p1/pause/_layers", "repositories/p1/pause/_manifests", "repositories/p1/pause/_manifests/revisions",
		"repositories/p1/pause/_manifests/tags", "repositories/p1/pause/_manifests/tags/v1", "repositories/p1/pause/_uploads", "repositories/p1/pause/_uploads/9f",
		"repositories/p1/pause-more", "repositories/p1/pause-more/_layers",
	}, shown)
	require.EqualValues(t, 100, Overview(own)[0].Size)
	require.Equal(t, 1, Overview(own)[0].Files)
}

func FuzzReadEntries(f *testing.F) {
	f.Add("directory|4096|/registry\nregular file|3|/registry/docker/registry/v2/blobs/x\n")
	f.Add("find: no\n||\n|1|/\nregular empty file|0|//\n")
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := ReadEntries(bytes.NewReader([]byte(text)))
		for _, e := range entries {
			require.True(t, filepath.IsAbs(e.Path))
		}
		_ = Overview(entries)
		_ = err
	})
}
