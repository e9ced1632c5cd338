package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/distribution/distribution/v3/registry/storage/driver"
	"github.com/opencontainers/go-digest"
	"github.com/sirupsen/logrus"
)

// verifiedBlobs remembers which blobs were read completely and matched their digest.
// Disks lose bits and other programs write into volumes: each blob is verified while
// it is read for the first time since the registry started, and again after its file
// has changed.
type verifiedBlobs struct {
	mu    sync.Mutex
	files map[string]fileState
}

// fileState is the state of a file when it was verified.
type fileState struct {
	size    int64
	changed time.Time
}

// maxVerified limits how many blobs are remembered; beyond it, all are verified again.
const maxVerified = 100_000

func (v *verifiedBlobs) contains(path string, state fileState) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	known, ok := v.files[path]
	return ok && known.size == state.size && known.changed.Equal(state.changed)
}

func (v *verifiedBlobs) add(path string, state fileState) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.files) >= maxVerified || v.files == nil {
		v.files = map[string]fileState{}
	}
	v.files[path] = state
}

// Reader reads a file from an offset. A blob that is not known to match its digest is
// verified on the way: its last bytes are returned only if all of them match.
func (d *durable) Reader(ctx context.Context, path string, offset int64) (io.ReadCloser, error) {
	rc, err := d.StorageDriver.Reader(ctx, path, offset)
	want, ok := blobDigest(path)
	if err != nil || offset > 0 || !ok {
		return rc, err
	}
	info, err := d.StorageDriver.Stat(ctx, path)
	if err != nil {
		return nil, errors.Join(err, rc.Close())
	}
	state := fileState{info.Size(), info.ModTime()}
	if d.verified.contains(path, state) {
		return rc, nil
	}
	return &verifyingReader{ReadCloser: rc, ctx: ctx, storage: d, path: path, state: state, sum: want.Verifier()}, nil
}

// verifyingReader compares a blob with its digest while it is read.
type verifyingReader struct {
	io.ReadCloser
	ctx     context.Context
	storage *durable
	path    string
	state   fileState
	sum     digest.Verifier
	read    int64
}

func (r *verifyingReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, err // a failure of the disk or the network does not mean that the blob is corrupted
	}
	if _, err := r.sum.Write(p[:n]); err != nil {
		return 0, err
	}
	r.read += int64(n)
	if r.read < r.state.size && err == nil || n == 0 && r.read == r.state.size {
		return n, err
	}
	if !r.sum.Verified() {
		return 0, r.storage.quarantine(r.ctx, r.path)
	}
	r.storage.verified.add(r.path, r.state)
	return n, err
}

// quarantine renames a corrupted blob, so that it counts as missing and the next push
// restores it. The corrupted file stays beside it.
func (d *durable) quarantine(ctx context.Context, path string) error {
	err := fmt.Errorf("%s: digest mismatch", path)
	if failed := d.Move(context.WithoutCancel(ctx), path, path+".damaged"); failed != nil {
		if _, gone := errors.AsType[driver.PathNotFoundError](failed); !gone {
			err = errors.Join(err, failed)
		}
	}
	logrus.WithError(err).Error("corrupted blob quarantined; push the image again to restore it")
	return err
}
