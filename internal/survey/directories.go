package survey

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Entry is a file or directory of a registry's storage.
type Entry struct {
	Path   string `json:"path"`
	Folder bool   `json:"folder,omitempty"`
	Size   int64  `json:"size"` // bytes; of a directory those of all files below it
	Files  int    `json:"files,omitempty"`
	What   string `json:"what"` // what it is for
}

// ListCommand lists files in any image with a shell's tools, in the form that ReadEntries reads.
func ListCommand(root string) []string {
	return []string{"find", root, "-exec", "stat", "-c", "%F|%s|%n", "{}", "+"}
}

// WriteEntries lists the files below a directory in that same form.
func WriteEntries(w io.Writer, fsys fs.FS, root string) error {
	out := bufio.NewWriter(w)
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return nil //nolint:nilerr // it went while we looked
		}
		kind := "regular file"
		if d.IsDir() {
			kind = "directory"
		}
		_, err = fmt.Fprintf(out, "%s|%d|%s\n", kind, info.Size(), path.Join(root, p))
		return err
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// ReadEntries reads such a list. Directories get the size of what is in them.
func ReadEntries(r io.Reader) ([]Entry, error) {
	var all []Entry
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		parts := strings.SplitN(lines.Text(), "|", 3)
		if len(parts) != 3 {
			continue // a message of find
		}
		size, err := strconv.ParseInt(parts[1], 10, 64)
		if err != nil || !strings.HasPrefix(parts[2], "/") {
			continue
		}
		e := Entry{Path: path.Clean(parts[2]), Folder: parts[0] == "directory", Size: size}
		if e.Folder {
			e.Size = 0
		}
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b Entry) int { return slices.Compare(strings.Split(a.Path, "/"), strings.Split(b.Path, "/")) })
	sum(all)
	for i := range all {
		all[i].What = explainPath(all[i].Path)
	}
	return all, lines.Err()
}

// sum adds the files to all directories above them.
func sum(all []Entry) {
	at := map[string]int{}
	for i, e := range all {
		at[e.Path] = i
	}
	for _, e := range all {
		if e.Folder {
			continue
		}
		for dir := path.Dir(e.Path); dir != "/" && dir != "."; dir = path.Dir(dir) {
			if i, ok := at[dir]; ok {
				all[i].Size += e.Size
				all[i].Files++
			}
		}
	}
}

// Overview leaves out what there is one of for each blob and each link.
func Overview(all []Entry) []Entry {
	return slices.DeleteFunc(slices.Clone(all), func(e Entry) bool {
		return !e.Folder || e.What == "" || slices.ContainsFunc(strings.Split(e.Path, "/"), func(s string) bool { return s == "sha256" || s == "sha512" })
	})
}

// layout is where the images begin below the root directory.
const layout = "/docker/registry/v2/"

// explainPath says what a file or directory of distribution's layout is for; "" for what is not of it.
func explainPath(p string) string {
	_, rel, ok := strings.Cut(p+"/", layout)
	if !ok {
		return ""
	}
	parts := strings.Split(strings.Trim(rel, "/"), "/")
	switch parts[0] {
	case "blobs":
		return explainBlob(parts[1:])
	case "repositories":
		return explainRepository(parts[1:])
	}
	return ""
}

func explainBlob(parts []string) string {
	switch len(parts) {
	case 0:
		return "blobs: layers, manifests and signatures"
	case 1:
		return "blobs by their " + parts[0] + " digest"
	case 2:
		return "blobs whose digest begins with " + parts[1]
	case 3:
		return "one blob"
	}
	return "the blob's contents"
}

func explainRepository(parts []string) string {
	if len(parts) == 0 {
		return "all image repositories"
	}
	i := slices.IndexFunc(parts, func(s string) bool { return strings.HasPrefix(s, "_") })
	if i < 0 {
		return "the repository " + strings.Join(parts, "/") + ", or repositories below it"
	}
	rest := parts[i+1:]
	last := ""
	if len(rest) > 0 {
		last = rest[len(rest)-1]
	}
	switch parts[i] {
	case "_layers":
		return explainLayers(rest, last)
	case "_uploads":
		return explainUploads(rest, last)
	case "_manifests":
		return explainManifests(rest, last)
	}
	return ""
}

func explainLayers(rest []string, last string) string {
	switch {
	case len(rest) == 0:
		return "links to all layers that this repository references"
	case last == "link":
		return "a reference to one layer, by an image of this repository"
	case len(rest) == 1:
		return "layers by their " + last + " digest"
	}
	return "one layer"
}

func explainUploads(rest []string, last string) string {
	switch {
	case len(rest) == 0:
		return "uploads of layers"
	case len(rest) == 1:
		return "one upload, active or abandoned"
	case last == "data":
		return "the data received so far"
	case last == "startedat":
		return "the start time"
	}
	return "the state of the digest computation"
}

func explainManifests(rest []string, last string) string {
	switch {
	case len(rest) == 0:
		return "the manifests and tags of this repository"
	case slices.Contains(rest, "signatures") && last == "link":
		return "a reference to the blob with a signature"
	case slices.Contains(rest, "signatures"):
		return "signatures of one manifest revision"
	case rest[0] == "tags" && len(rest) == 1:
		return "the tags (OpenShift keeps them in its API instead)"
	case rest[0] == "tags" && len(rest) == 2:
		return "the tag " + last
	case rest[0] == "tags" && rest[2] == "current":
		return "the manifest of the tag"
	case rest[0] == "tags":
		return "all manifests that the tag has had"
	case len(rest) == 1:
		return "all pushed manifests"
	case len(rest) == 2:
		return "manifests by their " + last + " digest"
	case last == "link":
		return "a reference to the blob with the manifest"
	}
	return "one manifest revision"
}
