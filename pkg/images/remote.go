package images

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// attempts is how often a blob is taken up again that stops before its end without a byte between.
const attempts = 3

// repository is a source in a registry.
type repository struct {
	name.Repository
	at *endpoint
}

// Image asks a registry for an image.
func (c *Client) Image(ctx context.Context, ref name.Reference) (*Image, error) {
	e, err := c.at(ref.Context().Registry)
	if err != nil {
		return nil, err
	}
	d, err := e.puller.Get(ctx, ref)
	if err != nil {
		return nil, e.explain(ctx, ref, err)
	}
	from := &repository{ref.Context(), e}
	return &Image{Root: plainDescriptor(d.Descriptor), Names: []string{ref.Name()}, from: &first{repository: from, root: d.Digest, raw: d.Manifest}}, nil
}

// first is a repository that was asked for its root manifest already.
type first struct {
	*repository
	root v1.Hash
	raw  []byte
}

func (f *first) manifest(ctx context.Context, d v1.Descriptor) ([]byte, error) {
	if d.Digest == f.root {
		return f.raw, nil
	}
	return f.repository.manifest(ctx, d)
}

func (r *repository) manifest(ctx context.Context, d v1.Descriptor) ([]byte, error) {
	ref := r.Digest(d.Digest.String())
	got, err := r.at.puller.Get(ctx, ref)
	if err != nil {
		return nil, r.at.explain(ctx, ref, err)
	}
	return got.Manifest, nil
}

// has trusts the registry, which verifies that blobs exist when a manifest is pushed.
func (r *repository) has(v1.Descriptor) error { return nil }

func (r *repository) open(ctx context.Context, d v1.Descriptor, offset int64) (io.ReadCloser, error) {
	b := &remoteBlob{ctx: ctx, repo: r, d: d, offset: offset}
	if err := b.connect(); err != nil { //nolint:contextcheck // a blob keeps its context, to connect anew
		return nil, r.at.explain(ctx, r.Digest(d.Digest.String()), err)
	}
	return b, nil
}

// remoteBlob reads a blob and goes on where the connection broke.
type remoteBlob struct {
	ctx    context.Context
	repo   *repository
	d      v1.Descriptor
	offset int64 // of the next byte
	body   io.ReadCloser
	failed int // attempts since the last byte
}

func (b *remoteBlob) Read(p []byte) (int, error) {
	for {
		n, err := b.body.Read(p)
		b.offset += int64(n)
		if n > 0 {
			b.failed = 0
		}
		over := err == nil || errors.Is(err, io.EOF) && b.offset >= b.d.Size
		if over || n > 0 { // a broken connection fails again at the next Read
			if !over {
				err = nil
			}
			return n, err
		}
		b.failed++
		if stalled := new(StalledError); errors.As(err, &stalled) {
			b.failed++ // one more attempt is enough, since each takes long
		}
		if b.failed >= attempts || b.ctx.Err() != nil {
			return n, b.broken(err)
		}
		b.body.Close()
		if err := b.connect(); err != nil {
			b.body = http.NoBody
			return n, b.broken(err)
		}
	}
}

func (b *remoteBlob) broken(err error) error {
	if cause := context.Cause(b.ctx); cause != nil {
		return cause
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%s: blob %s after %d of %d bytes: %w", b.repo, b.d.Digest, b.offset, b.d.Size, err)
}

func (b *remoteBlob) Close() error { return b.body.Close() }

// connect asks for the blob from the offset on. A server that does not know
// ranges sends all of it; the part before the offset is then discarded.
func (b *remoteBlob) connect() error {
	client, err := b.repo.at.blobClient(b.ctx, b.repo.Repository)
	if err != nil {
		return err
	}
	url := fmt.Sprintf("%s://%s/v2/%s/blobs/%s", b.repo.Scheme(), b.repo.RegistryStr(), b.repo.RepositoryStr(), b.d.Digest)
	req, err := http.NewRequestWithContext(forBlob(b.ctx), http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept-Encoding", "identity") // a range counts the bytes of the blob itself
	if b.offset > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", b.offset))
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	if err := transport.CheckError(resp, http.StatusOK, http.StatusPartialContent); err != nil {
		resp.Body.Close()
		return err
	}
	b.body = resp.Body
	return b.skip(resp)
}

// skip drops what comes before the offset.
func (b *remoteBlob) skip(resp *http.Response) error {
	drop := b.offset
	if resp.StatusCode == http.StatusPartialContent {
		if !strings.HasPrefix(resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", b.offset)) {
			resp.Body.Close()
			return fmt.Errorf("the registry answers with the wrong range %q", resp.Header.Get("Content-Range"))
		}
		drop = 0
	}
	if _, err := io.CopyN(io.Discard, resp.Body, drop); err != nil {
		resp.Body.Close()
		return err
	}
	return nil
}
