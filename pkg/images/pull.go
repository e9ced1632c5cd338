package images

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/renameio/v2"
)

// Forms in which an image is written to disk.
const (
	OCI           = "oci"            // a layout directory
	OCIArchive    = "oci-archive"    // a layout in a tar file
	DockerArchive = "docker-archive" // what docker load and podman load read
)

// PullOptions say what is pulled and how it is written.
type PullOptions struct {
	Format   string       // OCI, OCIArchive or DockerArchive
	Platform *v1.Platform // only this one; nil is all
	Default  v1.Platform  // taken of an index for a docker-archive, which holds one platform only

	Gzip      bool // pack the archive
	Overwrite bool // replace a file that is no image archive
}

// Pull writes an image to a path. Every byte is compared with its digest before it
// has its final name. What a broken run has fetched stays (as *.partial) and is
// not fetched again by the next one.
func (c *Client) Pull(ctx context.Context, ref name.Reference, path string, opts PullOptions) (*Result, error) {
	if err := checkTarget(ctx, path, opts); err != nil {
		return nil, err
	}
	img, err := c.chosen(ctx, ref, opts)
	if err != nil {
		return nil, err
	}
	t, err := readTree(ctx, img.from, img.Root)
	if err != nil {
		return nil, err
	}
	if opts.Format == DockerArchive {
		if err := fitsDocker(img.from, t.root()); err != nil {
			return nil, err
		}
	}
	tally := newTally(c.Progress)
	if opts.Format == OCI {
		err = fetchLayout(ctx, img.from, t, path, ref, tally)
	} else {
		err = fetchArchive(ctx, img, t, path, ref, opts, tally)
	}
	res := t.result()
	res.Ref, res.Path = withDigest(ref, t.root().desc.Digest), path
	res.Transferred, res.Skipped = tally.moved, tally.kept
	return res, err
}

// chosen asks for an image, and for the platform of it that is meant.
func (c *Client) chosen(ctx context.Context, ref name.Reference, opts PullOptions) (*Image, error) {
	img, err := c.Image(ctx, ref)
	if err != nil {
		return nil, err
	}
	if opts.Platform == nil && opts.Format == DockerArchive && img.Root.MediaType.IsIndex() {
		opts.Platform = &opts.Default
	}
	if opts.Platform == nil {
		return img, nil
	}
	return img.For(ctx, *opts.Platform)
}

// PullTo writes an image to a stream, as OCIArchive or DockerArchive. Nothing is
// kept on disk, so that a run which breaks cannot be taken up again.
func (c *Client) PullTo(ctx context.Context, ref name.Reference, w io.Writer, opts PullOptions) (*Result, error) {
	img, err := c.chosen(ctx, ref, opts)
	if err != nil {
		return nil, err
	}
	t, err := readTree(ctx, img.from, img.Root)
	if err != nil {
		return nil, err
	}
	if err := img.write(ctx, w, opts.Format, ref, opts.Gzip); err != nil {
		return nil, err
	}
	res := t.result()
	res.Ref, res.Path, res.Transferred = withDigest(ref, t.root().desc.Digest), "-", res.Size
	return res, nil
}

// checkTarget refuses a path whose content would be lost.
func checkTarget(ctx context.Context, path string, opts PullOptions) error {
	if err := checkParent(path, opts.Format); err != nil || opts.Format == OCI {
		return err
	}
	if err := checkLayoutDir(partialDir(path)); err != nil { // by files that this command must not remove at the end
		return err
	}
	if opts.Overwrite {
		return nil
	}
	return Replaceable(ctx, path)
}

// Replaceable refuses to replace a file that holds anything but images. One that is absent or empty may be written.
func Replaceable(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	archive, err := Open(ctx, path, nil, filepath.Dir(path))
	if err == nil {
		return archive.Close()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errorf(NotArchive, path, "%s: the file exists and is not an image archive", path)
}

// checkParent fails before anything is fetched where the result could not be written.
func checkParent(path, format string) error {
	parent := filepath.Dir(filepath.Clean(path))
	if info, err := os.Stat(parent); err != nil || !info.IsDir() {
		return errorf(NoDirectory, parent, "%s: directory %s does not exist", path, parent)
	}
	if format == OCI {
		return checkLayoutDir(path)
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s: exists and is not a file", path)
	}
	return nil
}

// partialDir is the directory beside an archive that is fetched into, and removed at the end.
func partialDir(path string) string { return path + ".partial" }

// fetchArchive fetches into a directory beside the archive, which stays if that
// fails, and packs from there.
func fetchArchive(ctx context.Context, img *Image, t *tree, path string, ref name.Reference, opts PullOptions, tally *tally) error {
	dir := partialDir(path)
	if err := fetchLayout(ctx, img.from, t, dir, ref, tally); err != nil {
		return err
	}
	whole := &Image{Root: img.Root, from: layout{directory(dir)}}
	if err := whole.writeFile(ctx, path, opts.Format, ref, opts.Gzip); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// WriteFile writes an image as an archive, under a temporary name until it is whole.
func (i *Image) WriteFile(ctx context.Context, path, format string, ref name.Reference) error {
	return i.writeFile(ctx, path, format, ref, false)
}

func (i *Image) writeFile(ctx context.Context, path, format string, ref name.Reference, pack bool) error {
	if err := checkParent(path, format); err != nil {
		return err
	}
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o644))
	if err != nil {
		return err
	}
	defer func() { _ = f.Cleanup() }() // does nothing after the replacement
	if err := i.write(ctx, f, format, ref, pack); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}

// write writes an archive, gzipped where pack is set; the same image gives the same bytes.
func (i *Image) write(ctx context.Context, w io.Writer, format string, ref name.Reference, pack bool) error {
	if !pack {
		return i.Write(ctx, w, format, ref)
	}
	zw := gzip.NewWriter(w)
	if err := i.Write(ctx, zw, format, ref); err != nil {
		return err
	}
	return zw.Close()
}

// WriteDirectory writes an image into an OCI layout directory, which may hold others.
func (i *Image) WriteDirectory(ctx context.Context, dir string, ref name.Reference) error {
	if err := checkParent(dir, OCI); err != nil {
		return err
	}
	t, err := readTree(ctx, i.from, i.Root)
	if err != nil {
		return err
	}
	return fetchLayout(ctx, i.from, t, dir, ref, newTally(nil))
}
