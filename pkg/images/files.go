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

// files is a folder or a tar archive: what is read from it by name.
type files interface {
	open(name string) (io.ReadSeekCloser, error) // fs.ErrNotExist where it is missing
	size(name string) (int64, error)
	String() string
}

// folder is a directory on disk. Names come from verified digests, never from the content.
type folder string

func (f folder) String() string { return string(f) }

func (f folder) open(name string) (io.ReadSeekCloser, error) {
	return os.Open(filepath.Join(string(f), filepath.FromSlash(name)))
}

func (f folder) size(name string) (int64, error) {
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
}

type extent struct{ offset, size int64 }

func (t *tarball) String() string { return t.name }

func (t *tarball) open(name string) (io.ReadSeekCloser, error) {
	e, ok := t.entries[name]
	if !ok {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	return section{io.NewSectionReader(t.data, e.offset, e.size)}, nil
}

func (t *tarball) size(name string) (int64, error) {
	e, ok := t.entries[name]
	if !ok {
		return 0, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	return e.size, nil
}

// all reads the archive from its beginning.
func (t *tarball) all() (io.ReadCloser, error) {
	return section{io.NewSectionReader(t.data, 0, t.length)}, nil
}

type section struct{ *io.SectionReader }

func (section) Close() error { return nil }

const entryLimit = 100000 // files in an archive; an image has some hundred

// indexTar notes where the files of an archive are. It reads headers only.
func indexTar(name string, data io.ReaderAt, length int64) (*tarball, error) {
	t := &tarball{name: name, data: data, length: length, entries: map[string]extent{}}
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
			return nil, fmt.Errorf("%s: more than %d files in it", name, entryLimit)
		}
		offset, _ := at.Seek(0, io.SeekCurrent) // a section reader always knows
		if err := t.add(h, offset); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
}

func (t *tarball) add(h *tar.Header, offset int64) error {
	if sparse(h) { // claims to be longer than what is there
		return fmt.Errorf("%s: a sparse file, which no image archive has", h.Name)
	}
	if h.Typeflag != tar.TypeReg {
		return nil
	}
	if h.Size > t.length-offset {
		return fmt.Errorf("the archive is cut off in %s", h.Name)
	}
	clean := path.Clean(h.Name)
	if _, twice := t.entries[clean]; !twice { // the first counts, as for all readers that stop at it
		t.entries[clean] = extent{offset, h.Size}
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
		return nil, fmt.Errorf("%s: %s is %d bytes long, too long for what it is", f, name, size)
	}
	rc, err := f.open(name)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	return io.ReadAll(io.LimitReader(rc, manifestLimit))
}
