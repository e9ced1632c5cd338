package images

import (
	"context"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Push brings an image, with all its platforms, to one or several references.
// The bytes of manifests and blobs are not changed. Nothing is sent before the
// source is known to be complete; a tag is written after all that it needs.
func (c *Client) Push(ctx context.Context, img *Image, refs ...name.Reference) (*Result, error) {
	t, err := readTree(ctx, img.from, img.Root)
	if err != nil {
		return nil, err
	}
	if err := t.missing(img.from); err != nil {
		return nil, err
	}
	for _, ref := range refs {
		if err := checkDigest(ref, t.root()); err != nil {
			return nil, err
		}
	}
	return c.send(ctx, img.from, t, refs)
}

// checkDigest refuses to write an image under the digest of another.
func checkDigest(ref name.Reference, root node) error {
	if d, ok := ref.(name.Digest); ok && d.DigestStr() != root.desc.Digest.String() {
		return errorf(OtherDigest, root.desc.Digest.String(), "%s: the image's digest is %s", ref, root.desc.Digest)
	}
	return nil
}

func (c *Client) send(ctx context.Context, from source, t *tree, refs []name.Reference) (*Result, error) {
	tally := newTally(c.Progress)
	res := t.result()
	written := map[string]name.Reference{} // repository → one reference in it
	for _, ref := range refs {
		u, err := c.uploadTo(ref.Context(), from, tally)
		if err != nil {
			return nil, err
		}
		if written[ref.Context().String()] == nil {
			if u.mount = inSameRegistry(written, ref); u.mount == nil {
				u.mount = mountable(from, ref)
			}
			if err := u.pushContents(ctx, t); err != nil {
				return nil, err
			}
			written[ref.Context().String()] = ref
		}
		if err := u.pushRoot(ctx, t, ref); err != nil {
			return nil, err
		}
		kept, err := u.keptAs(ctx, t.root(), ref)
		if err != nil {
			return nil, err
		}
		res.add(ref, kept)
	}
	res.Transferred, res.Skipped = tally.moved, tally.kept
	return res, nil
}

func (c *Client) uploadTo(repo name.Repository, from source, tally *tally) (*upload, error) {
	e, err := c.at(repo.Registry)
	return &upload{to: repo, at: e, from: from, tally: tally}, err
}

// pushContents pushes everything but the root manifest.
func (u *upload) pushContents(ctx context.Context, t *tree) error {
	u.tally.Expect(t.size() - int64(len(t.root().raw)))
	if err := u.blobs(ctx, t); err != nil {
		return err
	}
	for _, n := range t.nodes[:len(t.nodes)-1] {
		if err := u.manifest(ctx, n, ""); err != nil {
			return err
		}
	}
	return nil
}

func (u *upload) pushRoot(ctx context.Context, t *tree, ref name.Reference) error {
	tag := ""
	if named, ok := ref.(name.Tag); ok {
		tag = named.TagStr()
	}
	u.tally.Expect(int64(len(t.root().raw)))
	return u.manifest(ctx, t.root(), tag)
}

// inSameRegistry finds where the blobs were just pushed to.
func inSameRegistry(written map[string]name.Reference, ref name.Reference) name.Reference {
	for _, w := range written {
		if w.Context().RegistryStr() == ref.Context().RegistryStr() {
			return w
		}
	}
	return nil
}

// mountable is the source's own repository, where that is in the same registry.
func mountable(from source, ref name.Reference) name.Reference {
	var repo name.Repository
	switch s := from.(type) {
	case *repository:
		repo = s.Repository
	case *first:
		repo = s.Repository
	default:
		return nil
	}
	if repo.RegistryStr() != ref.Context().RegistryStr() || repo.String() == ref.Context().String() {
		return nil
	}
	return repo.Tag("latest") // only the repository counts
}

func (t *tree) result() *Result {
	d := t.root().desc
	return &Result{Digest: d.Digest.String(), MediaType: string(d.MediaType), Size: t.size()}
}

func (r *Result) add(ref name.Reference, kept v1.Hash) {
	if r.Ref == "" {
		r.Ref, r.Digest = withDigest(ref, kept), kept.String()
	} else {
		r.Others = append(r.Others, withDigest(ref, kept))
	}
}
