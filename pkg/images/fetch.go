package images

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"
)

// fetchLayout brings an image into an OCI layout directory, which may hold others.
// Blobs come first and index.json last, so that it never names a missing blob.
func fetchLayout(ctx context.Context, from source, t *tree, dir string, ref name.Reference, tally *tally) error {
	if err := prepareLayout(dir); err != nil {
		return err
	}
	unlock, err := lockLayout(ctx, dir)
	if err != nil {
		return err
	}
	defer unlock()
	tally.Expect(t.size())
	f := fetcher{from: from, dir: dir, tally: tally}
	if err := f.blobs(ctx, t.blobs); err != nil {
		return err
	}
	for _, n := range t.nodes {
		if err := f.manifest(n); err != nil {
			return err
		}
	}
	return addToIndex(dir, t.root().desc, ref)
}

// lockLayout waits until no other run writes into the layout.
func lockLayout(ctx context.Context, dir string) (unlock func(), err error) {
	lock := flock.New(filepath.Join(dir, "oci-layout"), flock.SetFlag(os.O_RDONLY))
	if _, err := lock.TryLockContext(ctx, 200*time.Millisecond); err != nil {
		return nil, fmt.Errorf("%s: waiting for another run that writes there: %w", dir, err)
	}
	return func() { _ = lock.Unlock() }, nil
}

// fetcher fetches into a layout directory.
type fetcher struct {
	from  source
	dir   string
	tally *tally
}

func (f *fetcher) path(h v1.Hash) string {
	return filepath.Join(f.dir, filepath.FromSlash(blobName(h)))
}

func (f *fetcher) blobs(ctx context.Context, list []v1.Descriptor) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(jobs)
	for _, d := range list {
		g.Go(func() error { return f.blob(gctx, d) })
	}
	err := g.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// blob fetches one blob, unless it exists and its digest matches. A partial file
// whose digest does not match is deleted and fetched again from the beginning.
func (f *fetcher) blob(ctx context.Context, d v1.Descriptor) error {
	if err := os.MkdirAll(filepath.Dir(f.path(d.Digest)), 0o755); err != nil {
		return err
	}
	if f.isComplete(d) {
		f.tally.skipped(Step{Action: Exists, Digest: d.Digest, Size: d.Size})
		return nil
	}
	partial := f.path(d.Digest) + ".partial"
	had, err := f.resume(ctx, partial, d)
	if bad := new(DamageError); errors.As(err, &bad) {
		if gone := os.Remove(partial); gone != nil {
			return gone
		}
		if had > 0 {
			f.tally.Moved(-d.Size)
			had, err = f.resume(ctx, partial, d)
		}
	}
	if err != nil {
		return fmt.Errorf("%s: blob %w", f.from, err)
	}
	f.tally.resumed(had)
	f.tally.sent(Step{Action: Pulled, Digest: d.Digest, Size: d.Size})
	return os.Rename(partial, f.path(d.Digest))
}

// isComplete reports whether a blob exists and matches its digest.
func (f *fetcher) isComplete(d v1.Descriptor) bool {
	info, err := os.Stat(f.path(d.Digest))
	if err != nil || info.Size() != d.Size {
		return false
	}
	file, err := os.Open(f.path(d.Digest))
	if err != nil {
		return false
	}
	defer file.Close()
	check, err := newVerifier(d)
	if err != nil {
		return false
	}
	_, err = io.Copy(check, file)
	return err == nil && check.done() == nil
}

// resume completes a partial file, and returns how many bytes were in it before.
func (f *fetcher) resume(ctx context.Context, partial string, d v1.Descriptor) (had int64, err error) {
	check, err := newVerifier(d)
	if err != nil {
		return 0, err
	}
	file, err := os.OpenFile(partial, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if had, err = io.Copy(check, file); err != nil {
		return had, err
	}
	f.tally.Moved(had)
	if had < d.Size {
		if err := f.fetchFrom(ctx, io.MultiWriter(file, check), d, had); err != nil {
			return had, err
		}
	}
	if err := check.done(); err != nil {
		return had, err
	}
	return had, file.Sync()
}

func (f *fetcher) fetchFrom(ctx context.Context, to io.Writer, d v1.Descriptor, from int64) error {
	rc, err := f.from.open(ctx, d, from)
	if err != nil {
		return err
	}
	defer rc.Close()
	_, err = io.Copy(to, io.LimitReader(&metered{ReadCloser: rc, to: f.tally}, d.Size-from+1))
	return err
}

// manifest writes a manifest, which is in memory already.
func (f *fetcher) manifest(n node) error {
	path := f.path(n.desc.Digest)
	if old, err := os.ReadFile(path); err == nil && verifyBytes(old, n.desc) == nil {
		f.tally.skipped(Step{Action: Exists, Manifest: true, Digest: n.desc.Digest, Size: n.desc.Size})
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := writeWhole(path, n.raw); err != nil {
		return err
	}
	f.tally.Moved(n.desc.Size)
	f.tally.sent(Step{Action: Pulled, Manifest: true, Digest: n.desc.Digest, Size: n.desc.Size})
	return nil
}

// checkLayoutDir refuses a directory that holds something other than an OCI layout.
func checkLayoutDir(dir string) error {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(list) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.Name() == "oci-layout" {
			return nil
		}
	}
	return errNotLayout(dir)
}
