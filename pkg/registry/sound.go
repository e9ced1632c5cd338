package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"
	"time"

	"github.com/distribution/distribution/v3/registry/storage/driver"
	"github.com/sirupsen/logrus"
)

// sound remembers which blobs were read whole and had the bytes of their digest.
// Disks lose bits and other programs write into volumes: each blob is checked while
// it is read for the first time since the registry was started, and again after
// its file has changed.
type sound struct {
	mu    sync.Mutex
	blobs map[string]stamp
}

// stamp is what a file looked like when it was checked.
type stamp struct {
	size int64
	time time.Time
}

// most is how many blobs are remembered; past that, checking starts anew.
const most = 100_000

func (s *sound) is(path string, at stamp) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.blobs[path]
	return ok && known.size == at.size && known.time.Equal(at.time)
}

func (s *sound) add(path string, at stamp) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.blobs) >= most || s.blobs == nil {
		s.blobs = map[string]stamp{}
	}
	s.blobs[path] = at
}

// Reader reads a file from an offset. A blob that is not known to be sound is
// checked on the way: its last bytes are given out only when all of them are right.
func (d *durable) Reader(ctx context.Context, path string, offset int64) (io.ReadCloser, error) {
	rc, err := d.StorageDriver.Reader(ctx, path, offset)
	m := blobData.FindStringSubmatch(path)
	if err != nil || offset > 0 || m == nil || m[1] != "sha256" {
		return rc, err
	}
	info, err := d.StorageDriver.Stat(ctx, path)
	if err != nil {
		return nil, errors.Join(err, rc.Close())
	}
	at := stamp{info.Size(), info.ModTime()}
	if d.sound.is(path, at) {
		return rc, nil
	}
	return &checked{ReadCloser: rc, ctx: ctx, from: d, path: path, want: m[2], at: at, sum: sha256.New()}, nil
}

// checked is a blob that is compared with its digest while it is read.
type checked struct {
	io.ReadCloser
	ctx  context.Context
	from *durable
	path string
	want string // SHA-256 in hex
	at   stamp
	sum  hash.Hash
	read int64
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, err // the disk or the network failed, which says nothing of the blob
	}
	c.sum.Write(p[:n])
	c.read += int64(n)
	if c.read < c.at.size && err == nil || n == 0 && c.read == c.at.size {
		return n, err
	}
	if hex.EncodeToString(c.sum.Sum(nil)) != c.want {
		return 0, c.from.setAside(c.ctx, c.path)
	}
	c.from.sound.add(c.path, c.at)
	return n, err
}

// setAside takes a damaged blob out of the way: it counts as missing from now on, so
// that the next push of it brings the right bytes. The damaged file stays beside it.
func (d *durable) setAside(ctx context.Context, path string) error {
	err := fmt.Errorf("%s: the bytes on the disk are not those of the digest", path)
	if gone := d.Move(context.WithoutCancel(ctx), path, path+".damaged"); gone != nil {
		if _, already := errors.AsType[driver.PathNotFoundError](gone); !already {
			err = errors.Join(err, gone)
		}
	}
	logrus.WithError(err).Error("a blob is damaged and was set aside: push its image again")
	return err
}
