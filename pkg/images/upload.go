package images

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sync/errgroup"
)

// readError is a failure to read what is being uploaded; the HTTP client wraps it into its own.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// upload is a tree on its way into one repository.
type upload struct {
	to    name.Repository
	at    *endpoint
	from  source
	mount name.Reference // in the same registry, where the blobs are already; may be nil
	tally *tally
}

// blobs brings all blobs into the repository. What an attempt has left unfinished there is given up.
func (u *upload) blobs(ctx context.Context, t *tree) error {
	defer u.at.abandon(ctx, u.to)
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(jobs)
	for _, d := range t.blobs {
		g.Go(func() error { return u.blob(gctx, d) })
	}
	err := g.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func (u *upload) blob(ctx context.Context, d v1.Descriptor) error {
	b := &blob{ctx: ctx, from: u.from, d: d, progress: u.tally}
	var layer v1.Layer = b
	// distribution answers that it has mounted a blob of another algorithm, and then does not find it
	if u.mount != nil && d.Digest.Algorithm == "sha256" {
		layer = &remote.MountableLayer{Layer: b, Reference: u.mount}
	}
	if err := u.at.pusher.Upload(ctx, u.to, layer); err != nil {
		return u.at.explain(ctx, inRepository(u.to), err)
	}
	step := Step{Action: Exists, Digest: d.Digest, Size: d.Size}
	switch {
	case b.opened:
		step.Action = Pushed
		u.tally.sent(step)
		return nil
	case u.at.wire.took(u.to, d.Digest):
		step.Action = Mounted
	}
	u.tally.skipped(step)
	return nil
}

// manifest writes one manifest, by the tag or, where it is "", by its digest.
func (u *upload) manifest(ctx context.Context, n node, tag string) error {
	var ref name.Reference = u.to.Digest(n.desc.Digest.String())
	if tag != "" {
		ref = u.to.Tag(tag)
	}
	if err := u.at.pusher.Put(ctx, ref, rawManifest(n)); err != nil {
		return explainManifest(n, err, u.at.explain(ctx, ref, err))
	}
	u.tally.Moved(int64(len(n.raw)))
	u.tally.sent(Step{Action: Pushed, Manifest: true, Digest: n.desc.Digest, Size: int64(len(n.raw)), Tag: tag})
	return nil
}

// explainManifest adds what of a manifest a registry may have refused without saying so.
func explainManifest(n node, answer, err error) error {
	var refused *transport.Error
	if !errors.As(answer, &refused) || IsDenied(err) {
		return err
	}
	for _, d := range n.doc.Layers {
		if len(d.URLs) > 0 {
			return errorf(RefusedForeign, d.URLs[0], "%w; the image has a foreign layer at %s, which the registry may not allow", err, d.URLs[0])
		}
	}
	if n.desc.Digest.Algorithm != "sha256" {
		return fmt.Errorf("%w; the registry may not support %s digests", err, n.desc.Digest.Algorithm)
	}
	return err
}

// keptAs returns the digest by which a registry keeps a manifest that was pushed.
// Those that know sha256 only take an image of another algorithm by its tag.
func (u *upload) keptAs(ctx context.Context, n node, ref name.Reference) (v1.Hash, error) {
	h := n.desc.Digest
	if h.Algorithm == "sha256" {
		return h, nil
	}
	_, err := u.at.puller.Head(ctx, u.to.Digest(h.String()))
	if err == nil {
		return h, nil
	}
	if _, ok := ref.(name.Tag); ok && isUnknown(err) {
		var d *v1.Descriptor
		if d, err = u.at.puller.Head(ctx, ref); err == nil && d.Digest == sha256Of(n.raw) {
			return d.Digest, nil
		}
	}
	if err == nil || isUnknown(err) {
		return h, fmt.Errorf("%s: pushed, but the registry does not find it as %s", canonical(ref.Name()), h)
	}
	return h, u.at.explain(ctx, ref, err)
}

// rawManifest is a manifest for the library to put, byte for byte.
type rawManifest node

func (r rawManifest) RawManifest() ([]byte, error)        { return r.raw, nil }
func (r rawManifest) MediaType() (types.MediaType, error) { return r.desc.MediaType, nil }

// blob is what the library uploads: any blob, as if it were a layer.
type blob struct {
	ctx      context.Context
	from     source
	d        v1.Descriptor
	progress Progress
	opened   bool
	last     *metered
}

var errOpaque = errors.New("this blob is moved as it is")

func (b *blob) Digest() (v1.Hash, error)             { return b.d.Digest, nil }
func (b *blob) DiffID() (v1.Hash, error)             { return v1.Hash{}, errOpaque }
func (b *blob) Uncompressed() (io.ReadCloser, error) { return nil, errOpaque }
func (b *blob) Size() (int64, error)                 { return b.d.Size, nil }
func (b *blob) MediaType() (types.MediaType, error)  { return b.d.MediaType, nil }

// Compressed is called again for each attempt.
func (b *blob) Compressed() (io.ReadCloser, error) {
	rc, err := openVerified(b.ctx, b.from, b.d)
	if err != nil {
		return nil, &readError{err}
	}
	if b.last != nil {
		b.progress.Moved(-b.last.read)
	}
	b.opened, b.last = true, &metered{ReadCloser: tellsRead{rc}, to: b.progress}
	return b.last, nil
}

// tellsRead marks errors of reading, so that they are not taken for the registry's.
type tellsRead struct{ io.ReadCloser }

func (t tellsRead) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &readError{err}
	}
	return n, err
}
