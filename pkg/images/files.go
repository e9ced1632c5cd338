package images

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// files is a directory or a tar archive: what is read from it by name.
type files interface {
	open(name string) (io.ReadSeekCloser, error) // fs.ErrNotExist where it is missing
	size(name string) (int64, error)
	String() string
}

// directory is a directory on disk. Names come from verified digests, never from the content.
type directory string

func (f directory) String() string { return string(f) }

func (f directory) open(name string) (io.ReadSeekCloser, error) {
	return os.Open(filepath.Join(string(f), filepath.FromSlash(name)))
}

func (f directory) size(name string) (int64, error) {
	info, err := os.Stat(filepath.Join(string(f), filepath.FromSlash(name)))
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, fmt.Errorf("%s: not a file", name)
	}
	return info.Size(), nil
}

// tarball is an uncompressed tar archive that is read in place: nothing in it is
// ever written to disk, so the names in it cannot lead anywhere.
type tarball struct {
	name    string
	data    io.ReaderAt
	length  int64
	entries map[string]extent
	links   map[string]string // hard and symbolic links, and where they lead in the archive
}

type extent struct{ offset, size int64 }

func (t *tarball) String() string { return t.name }

func (t *tarball) open(name string) (io.ReadSeekCloser, error) {
	e, err := t.find(name)
	if err != nil {
		return nil, err
	}
	return section{io.NewSectionReader(t.data, e.offset, e.size)}, nil
}

func (t *tarball) size(name string) (int64, error) {
	e, err := t.find(name)
	return e.size, err
}

const linkLimit = 40 // as in Linux; more is a circle

// find returns where a file is. Links are followed inside the archive only.
func (t *tarball) find(name string) (extent, error) {
	at := name
	for range linkLimit {
		if e, ok := t.entries[at]; ok {
			return e, nil
		}
		target, ok := t.follow(at)
		switch {
		case ok:
			at = target
		case at != name:
			return extent{}, fmt.Errorf("%s: link to %s: %w", name, at, fs.ErrNotExist)
		default:
			return extent{}, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
		}
	}
	return extent{}, fmt.Errorf("%s: a link that leads to itself", name)
}

// follow replaces the longest part of a path that is a link by its target.
func (t *tarball) follow(name string) (string, bool) {
	for part := name; part != "." && part != "/"; part = path.Dir(part) {
		if target, ok := t.links[part]; ok {
			return path.Join(target, strings.TrimPrefix(name, part)), true
		}
	}
	return "", false
}

type section struct{ *io.SectionReader }

func (section) Close() error { return nil }

const entryLimit = 100000 // files in an archive; an image has some hundred

// indexTar notes where the files of an archive are. It reads headers only.
func indexTar(name string, data io.ReaderAt, length int64) (*tarball, error) {
	t := &tarball{name: name, data: data, length: length, entries: map[string]extent{}, links: map[string]string{}}
	at := io.NewSectionReader(data, 0, length)
	tr := tar.NewReader(at)
	for n := 0; ; n++ {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, tarError(err, n))
		}
		if n == entryLimit {
			return nil, fmt.Errorf("%s: more than %d files", name, entryLimit)
		}
		offset, _ := at.Seek(0, io.SeekCurrent) // a section reader always knows
		if err := t.add(h, offset); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
}

func (t *tarball) add(h *tar.Header, offset int64) error {
	if sparse(h) { // its size in the header exceeds its data
		return fmt.Errorf("%s: sparse files are not supported", h.Name)
	}
	if h.Typeflag == tar.TypeReg && h.Size > t.length-offset {
		return fmt.Errorf("the archive is cut off in %s", h.Name)
	}
	name := path.Clean(h.Name)
	if _, twice := t.entries[name]; twice || t.links[name] != "" { // the first counts, as for all readers that stop at it
		return nil
	}
	switch h.Typeflag {
	case tar.TypeReg:
		t.entries[name] = extent{offset, h.Size}
	case tar.TypeLink: // from the root of the archive
		t.links[name] = path.Clean(h.Linkname)
	case tar.TypeSymlink: // from the directory that it is in
		t.links[name] = path.Clean(h.Linkname)
		if !path.IsAbs(h.Linkname) {
			t.links[name] = path.Join(path.Dir(name), h.Linkname)
		}
	}
	return nil
}

func sparse(h *tar.Header) bool {
	for k := range h.PAXRecords {
		if strings.HasPrefix(k, "GNU.sparse.") {
			return true
		}
	}
	return h.Typeflag == tar.TypeGNUSparse
}

func tarError(err error, entries int) error {
	if entries == 0 {
		return errNoArchive
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the archive is cut off")
	}
	return fmt.Errorf("damaged archive: %w", err)
}

// readSmall reads a whole file that must not be long.
func readSmall(f files, name string) ([]byte, error) {
	size, err := f.size(name)
	if err != nil {
		return nil, err
	}
	if size > manifestLimit {
		return nil, fmt.Errorf("%s: %s is %d bytes long, the limit is %d", f, name, size, manifestLimit)
	}
	rc, err := f.open(name)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	return io.ReadAll(io.LimitReader(rc, manifestLimit))
}
