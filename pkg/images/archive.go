package images

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

var errNoArchive = errors.New("not an image: neither a docker-archive nor an OCI layout")

// Stdin is what errors call an archive that was not read from a file.
const Stdin = "stdin"

// Archive is a file or directory that holds images. Close it after use.
type Archive struct {
	Images []*Image
	file   *os.File // nil for a directory
	temp   bool
}

// Open reads which images a path holds: an OCI layout directory, or a tar archive
// (docker-archive or OCI layout, also gzipped). The content decides, not the name.
// "-" reads the archive from stdin. What has to be unpacked goes into a file in
// the directory temp (the system's where it is empty) that is gone when the Archive is closed or the program ends.
func Open(ctx context.Context, path string, stdin io.Reader, temp string) (*Archive, error) {
	if path == "-" {
		return openStream(ctx, Stdin, stdin, temp)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return openDirectory(path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // a pipe
		defer f.Close()
		return openStream(ctx, path, f, temp)
	}
	return openFile(ctx, path, f, false, temp)
}

// Close releases the file, and removes it where it was a temporary one.
func (a *Archive) Close() error {
	if a.file == nil {
		return nil
	}
	err := a.file.Close()
	if a.temp {
		if gone := os.Remove(a.file.Name()); err == nil && !errors.Is(gone, fs.ErrNotExist) {
			err = gone
		}
	}
	return err
}

func openDirectory(path string) (*Archive, error) {
	l := layout{directory(path)}
	if _, err := l.size("index.json"); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w (no index.json in the directory)", path, errNoArchive)
	}
	list, err := l.images()
	return &Archive{Images: list}, err
}

func openStream(ctx context.Context, name string, in io.Reader, temp string) (*Archive, error) {
	f, err := spool(ctx, in, temp)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return openFile(ctx, name, f, true, temp)
}

// openFile takes the file over: it is closed with the Archive, or here on failure.
func openFile(ctx context.Context, name string, f *os.File, isTemp bool, temp string) (*Archive, error) {
	a := &Archive{file: f, temp: isTemp}
	err := a.unpack(ctx, name, temp)
	if err == nil {
		err = a.list(ctx, name)
	}
	if err != nil {
		_ = a.Close() // the first error counts
		return nil, err
	}
	return a, nil
}

// unpack replaces a gzipped archive by its content.
func (a *Archive) unpack(ctx context.Context, name, temp string) error {
	head := make([]byte, 6)
	n, err := a.file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if n == 0 {
		return fmt.Errorf("%s: empty", name)
	}
	if tool := packedBy(head); tool != "gzip" {
		return notRead(name, tool)
	}
	info, err := a.file.Stat()
	if err != nil {
		return err
	}
	zr, err := gzip.NewReader(io.NewSectionReader(a.file, 0, info.Size()))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	limit := unpackFree + unpackRatio*info.Size()
	f, err := spool(ctx, &limited{Reader: zr, left: limit}, temp)
	if errors.Is(err, errTooLong) {
		return packedError(name, "gzip", "unpacks to more than %d MiB, over %d times its size", limit>>20, unpackRatio)
	}
	if err != nil {
		return fmt.Errorf("%s: cannot unpack: %w", name, err)
	}
	_ = a.Close()
	a.file, a.temp = f, true
	return nil
}

// A gzipped archive may unpack to this many bytes, and to this many times its size
// on top: images shrink to a tenth at best, and zeros to a thousandth.
const (
	unpackFree  = 64 << 20
	unpackRatio = 100
)

var errTooLong = errors.New("too long")

// limited is a Reader that fails, where io.LimitReader ends, once more than left bytes come.
type limited struct {
	io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, errTooLong
	}
	return n, err
}

func notRead(name, tool string) error {
	if tool == "" {
		return nil
	}
	return packedError(name, tool, "%s compression is not supported", tool)
}

func packedError(name, tool, format string, args ...any) error {
	return &Error{Kind: Packed, Name: name, Tool: tool, Err: fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...))}
}

func packedBy(head []byte) string {
	for magic, tool := range map[string]string{"\x1f\x8b": "gzip", "BZh": "bzip2", "\xfd7zXZ\x00": "xz", "\x28\xb5\x2f\xfd": "zstd"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return tool
		}
	}
	return ""
}

// list finds the images of an uncompressed archive. Where it has both forms, as
// docker writes since version 25, the layout is taken, since its digests are the
// true ones; unless its layers are not compressed, as they would travel so.
func (a *Archive) list(ctx context.Context, name string) error {
	info, err := a.file.Stat()
	if err != nil {
		return err
	}
	t, err := indexTar(name, a.file, info.Size())
	if err != nil {
		return err
	}
	_, noDocker := t.size("manifest.json")
	_, noLayout := t.size("index.json")
	switch {
	case noLayout == nil && (noDocker != nil || layersPacked(ctx, layout{t})):
		a.Images, err = layout{t}.images()
	case noDocker == nil:
		a.Images, err = dockerImages(ctx, t)
	default:
		err = fmt.Errorf("%s: %w", name, errNoArchive)
	}
	return err
}

// layersPacked tells whether the layers of a layout's images are compressed.
func layersPacked(ctx context.Context, l layout) bool {
	list, err := l.images()
	if err != nil {
		return false
	}
	for _, img := range list {
		t, err := readTree(ctx, l, img.Root)
		if err != nil || slices.ContainsFunc(t.blobs, unpacked) {
			return false
		}
	}
	return true
}

func unpacked(d v1.Descriptor) bool {
	return d.MediaType == types.OCIUncompressedLayer || d.MediaType == types.DockerUncompressedLayer
}

// spool copies a stream into a temporary file. Where the system allows it the
// name is removed at once, so that nothing stays however the program ends.
func spool(ctx context.Context, in io.Reader, temp string) (*os.File, error) {
	f, err := os.CreateTemp(temp, "regctl-*.tar")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(f.Name()) // else Archive.Close does it
	if _, err := io.Copy(f, canceled{ctx, in}); err != nil {
		f.Close()
		_ = os.Remove(f.Name())
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("truncated")
		}
		return nil, err
	}
	return f, nil
}

// canceled is a Reader that ends with its context.
type canceled struct {
	ctx context.Context
	io.Reader
}

func (c canceled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.Reader.Read(p)
}
