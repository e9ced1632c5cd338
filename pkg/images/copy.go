package images

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// CopyOptions say what of an image is copied.
type CopyOptions struct {
	Platform  *v1.Platform // only this one; nil is all
	Referrers bool         // also what refers to the image and its parts, and to that in turn
}

// Copy copies an image from one reference to another. A dst that was written
// without tag and digest should be given by Keep.
func (c *Client) Copy(ctx context.Context, src, dst name.Reference, opts CopyOptions) (*Result, error) {
	img, err := c.Image(ctx, src)
	if err != nil {
		return nil, err
	}
	if opts.Platform != nil {
		if img, err = img.For(ctx, *opts.Platform); err != nil {
			return nil, err
		}
	}
	t, err := readTree(ctx, img.from, img.Root)
	if err != nil {
		return nil, err
	}
	if err := checkDigest(dst, t.root()); err != nil {
		return nil, err
	}
	var extra []attached
	if opts.Referrers {
		if extra, err = c.attachments(ctx, src.Context(), t); err != nil {
			return nil, err
		}
	}
	res, err := c.send(ctx, img.from, t, []name.Reference{dst})
	if err != nil {
		return nil, err
	}
	return res, c.attach(ctx, src.Context(), dst.Context(), extra, res)
}

// Keep gives a destination without tag or digest (as it was typed) those of the source.
func Keep(typed string, dst, src name.Reference) name.Reference {
	if Named(typed) {
		return dst
	}
	if d, ok := src.(name.Digest); ok {
		return dst.Context().Digest(d.DigestStr())
	}
	return dst.Context().Tag(src.Identifier())
}

// attached is something that refers to an image: by its subject, or (older) by a tag made of the digest.
type attached struct {
	tree *tree
	tag  string // "" where the subject does it
}

// attachments finds what refers to the manifests of an image, before anything is copied.
func (c *Client) attachments(ctx context.Context, repo name.Repository, t *tree) ([]attached, error) {
	e, err := c.at(repo.Registry)
	if err != nil {
		return nil, err
	}
	tags, err := e.tags(ctx, repo)
	if err != nil {
		return nil, &Error{Kind: NoReferrers, Name: repo.Name(), Err: e.explain(ctx, inRepository(repo), err)}
	}
	f := finder{e: e, repo: repo, tags: tags, seen: map[v1.Hash]bool{}}
	for _, n := range t.nodes {
		if err := f.find(ctx, n.desc.Digest); err != nil {
			return nil, err
		}
	}
	return f.found, nil
}

type finder struct {
	e     *endpoint
	repo  name.Repository
	tags  []string
	seen  map[v1.Hash]bool
	found []attached
}

// find adds what refers to a digest, and to what it finds.
func (f *finder) find(ctx context.Context, h v1.Hash) error {
	if f.seen[h] {
		return nil
	}
	f.seen[h] = true
	list, err := f.subjects(ctx, h)
	if err != nil {
		return err
	}
	for _, d := range list {
		if err := f.add(ctx, d, ""); err != nil {
			return err
		}
	}
	prefix := h.Algorithm + "-" + h.Hex + "."
	for _, tag := range f.tags {
		if strings.HasPrefix(tag, prefix) { // cosign's .sig, .att and .sbom
			if err := f.byTag(ctx, tag); err != nil {
				return err
			}
		}
	}
	return nil
}

// subjects asks the referrers API, or reads the fallback tag where there is none.
func (f *finder) subjects(ctx context.Context, h v1.Hash) ([]v1.Descriptor, error) {
	d := f.repo.Digest(h.String())
	idx, err := remote.Referrers(d, remote.Reuse(f.e.puller), remote.WithContext(ctx))
	if err != nil {
		return nil, &Error{Kind: NoReferrers, Name: f.repo.Name(), Err: f.e.explain(ctx, d, err)}
	}
	im, err := idx.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("referrers of %s: %w", d, err)
	}
	return im.Manifests, nil
}

func (f *finder) byTag(ctx context.Context, tag string) error {
	ref := f.repo.Tag(tag)
	d, err := f.e.puller.Head(ctx, ref)
	if err != nil {
		return f.e.explain(ctx, ref, err)
	}
	return f.add(ctx, *d, tag)
}

func (f *finder) add(ctx context.Context, d v1.Descriptor, tag string) error {
	if f.seen[d.Digest] && tag == "" {
		return nil
	}
	from := &repository{f.repo, f.e}
	if _, err := f.e.puller.Head(ctx, f.repo.Digest(d.Digest.String())); isUnknown(err) {
		return nil // the list of referrers outlives what was deleted
	}
	t, err := readTree(ctx, from, plainDescriptor(d))
	if err != nil {
		return err
	}
	if f.found = append(f.found, attached{t, tag}); len(f.found) > nodeLimit {
		return fmt.Errorf("%s: more than %d manifests refer to the image", f.repo, nodeLimit)
	}
	return f.find(ctx, d.Digest)
}

// attach copies the referrers. One after the other: where the registry has no
// referrers API the library adds each to a list under a fallback tag, which is
// read, changed and written back.
func (c *Client) attach(ctx context.Context, src, dst name.Repository, extra []attached, res *Result) error {
	e, err := c.at(src.Registry)
	if err != nil {
		return err
	}
	for _, a := range extra {
		to := []name.Reference{dst.Digest(a.tree.root().desc.Digest.String())}
		if a.tag != "" {
			to[0] = dst.Tag(a.tag)
		}
		one, err := c.send(ctx, &repository{src, e}, a.tree, to)
		if err != nil {
			return err
		}
		res.Referrers++
		res.Transferred += one.Transferred
		res.Skipped += one.Skipped
	}
	return nil
}
