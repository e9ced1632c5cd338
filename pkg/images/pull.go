package images

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/renameio/v2"
	"github.com/regctl/regctl/pkg/hint"
)

// Forms in which an image is written to disk.
const (
	OCI           = "oci"            // a layout folder
	OCIArchive    = "oci-archive"    // a layout in a tar file
	DockerArchive = "docker-archive" // what docker load and podman load read
)

// PullOptions say what is pulled and how it is written.
type PullOptions struct {
	Format   string       // OCI, OCIArchive or DockerArchive
	Platform *v1.Platform // only this one; nil is all
	Default  v1.Platform  // taken of an index for a docker-archive, which holds one platform only
}

// Pull writes an image to a path. Every byte is compared with its digest before it
// has its final name. What a broken run has fetched stays (as *.partial) and is
// not fetched again by the next one.
func (c *Client) Pull(ctx context.Context, ref name.Reference, path string, opts PullOptions) (*Result, error) {
	if err := writable(path, opts.Format); err != nil {
		return nil, err
	}
	if opts.Format != OCI {
		if err := occupied(unfinished(path)); err != nil { // by what is not ours to remove at the end
			return nil, err
		}
	}
	img, err := c.Image(ctx, ref)
	if err != nil {
		return nil, err
	}
	if opts.Platform == nil && opts.Format == DockerArchive && img.Root.MediaType.IsIndex() {
		opts.Platform = &opts.Default
	}
	if opts.Platform != nil {
		if img, err = img.For(ctx, *opts.Platform); err != nil {
			return nil, err
		}
	}
	t, err := readTree(ctx, img.from, img.Root)
	if err != nil {
		return nil, err
	}
	tally := newTally(c.Progress)
	if opts.Format == OCI {
		err = fetchLayout(ctx, img.from, t, path, ref, tally)
	} else {
		err = fetchArchive(ctx, img, t, path, ref, opts.Format, tally)
	}
	res := t.result()
	res.Ref, res.Path = full(ref, t.root().desc.Digest), path
	res.Transferred, res.Skipped = tally.moved, tally.kept
	return res, err
}

// writable finds what would stand in the way at the end, before anything is fetched.
func writable(path, format string) error {
	parent := filepath.Dir(filepath.Clean(path))
	if info, err := os.Stat(parent); err != nil || !info.IsDir() {
		return hint.Errorf("mkdir -p "+parent, "%s: there is no folder %s", path, parent)
	}
	if format == OCI {
		return occupied(path)
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s: there is something that is not a file", path)
	}
	return nil
}

// unfinished is the folder beside an archive that is fetched into, and removed at the end.
func unfinished(path string) string { return path + ".partial" }

// fetchArchive fetches into a folder beside the archive, which stays if that
// fails, and packs from there.
func fetchArchive(ctx context.Context, img *Image, t *tree, path string, ref name.Reference, format string, tally *tally) error {
	dir := unfinished(path)
	if err := fetchLayout(ctx, img.from, t, dir, ref, tally); err != nil {
		return err
	}
	whole := &Image{Root: img.Root, from: layout{folder(dir)}}
	if err := whole.WriteFile(ctx, path, format, ref); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// WriteFile writes an image as an archive, under a temporary name until it is whole.
func (i *Image) WriteFile(ctx context.Context, path, format string, ref name.Reference) error {
	if err := writable(path, format); err != nil {
		return err
	}
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o644))
	if err != nil {
		return err
	}
	defer func() { _ = f.Cleanup() }() // does nothing after the replacement
	if err := i.Write(ctx, f, format, ref); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}

// WriteFolder writes an image into an OCI layout folder, which may hold others.
func (i *Image) WriteFolder(ctx context.Context, dir string, ref name.Reference) error {
	if err := writable(dir, OCI); err != nil {
		return err
	}
	t, err := readTree(ctx, i.from, i.Root)
	if err != nil {
		return err
	}
	return fetchLayout(ctx, i.from, t, dir, ref, newTally(nil))
}
