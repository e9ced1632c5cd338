package cluster

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// LoadImage puts the images of an archive (of OCI or docker save) where pods find
// them. Pods must not ask for them by the tag latest, or by imagePullPolicy Never.
func (n *Node) LoadImage(ctx context.Context, archive string) error {
	return n.ctr(ctx, "images", "import", "--all-platforms", archive)
}

// Image is a one-layer image of static programs.
type Image struct {
	Name    string            // with tag
	Files   map[string]string // path in the image to file here
	Command []string
}

// Write writes the image in the form of docker save.
func (i Image) Write(archive string) error {
	var layer bytes.Buffer
	files, err := i.layer()
	if err != nil {
		return err
	}
	if err := writeTar(&layer, files); err != nil {
		return err
	}
	diff := fmt.Sprintf("%x", sha256.Sum256(layer.Bytes()))
	config, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH, "os": "linux", "config": map[string]any{"Entrypoint": i.Command},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + diff}},
	})
	if err != nil {
		return err
	}
	manifest, err := json.Marshal([]any{map[string]any{"Config": "config.json", "RepoTags": []string{i.Name}, "Layers": []string{"layer.tar"}}})
	if err != nil {
		return err
	}
	var all bytes.Buffer
	err = writeTar(&all, []file{{name: "config.json", data: config}, {name: "layer.tar", data: layer.Bytes()}, {name: "manifest.json", data: manifest}})
	if err != nil {
		return err
	}
	return os.WriteFile(archive, all.Bytes(), 0o644)
}

type file struct {
	name string // of a folder: ends in a slash
	mode int64
	data []byte
}

// layer is the image's file system: /tmp, and the files with the folders above.
func (i Image) layer() ([]file, error) {
	files := []file{{name: "tmp/", mode: 0o1777}}
	for name, from := range i.Files {
		data, err := os.ReadFile(from)
		if err != nil {
			return nil, err
		}
		name = strings.TrimPrefix(path.Clean(name), "/")
		files = append(files, file{name: name, mode: 0o755, data: data})
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			files = append(files, file{name: dir + "/", mode: 0o755})
		}
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	return slices.CompactFunc(files, func(a, b file) bool { return a.name == b.name }), nil
}

func writeTar(to *bytes.Buffer, files []file) error {
	w := tar.NewWriter(to)
	for _, f := range files {
		header := &tar.Header{Name: f.name, Mode: f.mode | 0o444, Size: int64(len(f.data))}
		if err := w.WriteHeader(header); err != nil {
			return err
		}
		if _, err := w.Write(f.data); err != nil {
			return err
		}
	}
	return w.Close()
}

// loadPause builds the image that holds a pod's namespaces: no registry has to be asked for it.
func (n *Node) loadPause(ctx context.Context) error {
	source, err := files.ReadFile("files/pause/main.go")
	if err != nil {
		return err
	}
	dir := n.path("images")
	if err := os.WriteFile(filepath.Join(dir, "main.go"), source, 0o644); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", "pause", "main.go")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PWD="+dir, "GOFLAGS=", "GOWORK=off", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return errors.Join(ctx.Err(), fmt.Errorf("%s: %w\n%s", cmd, err, out))
	}
	image := Image{Name: pauseImage, Files: map[string]string{"/pause": filepath.Join(dir, "pause")}, Command: []string{"/pause"}}
	if err := image.Write(filepath.Join(dir, "pause.tar")); err != nil {
		return err
	}
	return n.LoadImage(ctx, filepath.Join(dir, "pause.tar"))
}
