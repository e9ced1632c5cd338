package images

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"golang.org/x/sync/errgroup"
)

// Tag is one tag of a repository. All but Name is filled in by Details only.
type Tag struct {
	Name      string   `json:"tag"`
	Digest    string   `json:"digest,omitempty"`
	MediaType string   `json:"mediaType,omitempty"`
	Size      int64    `json:"size,omitempty"`      // bytes with all platforms, each blob once
	Platforms []string `json:"platforms,omitempty"` // os/arch[/variant]
}

// Repositories lists the repositories of a registry, all pages of its catalog, in order.
func (c *Client) Repositories(ctx context.Context, reg name.Registry) ([]string, error) {
	e, err := c.at(reg)
	if err != nil {
		return nil, err
	}
	list, err := catalog(ctx, e.puller, reg)
	if badRequest(err) { // the registry gives fewer at a time: leave the number to it
		list, err = e.catalogOfAnySize(ctx, reg)
	}
	if isUnknown(err) {
		return nil, errorf(NoCatalog, reg.RegistryStr(), "%s: the registry does not list its repositories", reg)
	}
	if err != nil {
		return nil, e.explain(ctx, inRegistry(reg), err)
	}
	slices.Sort(list)
	return list, nil
}

// Tags lists the tags of a repository, all pages, in order.
func (c *Client) Tags(ctx context.Context, repo name.Repository) ([]string, error) {
	e, err := c.at(repo.Registry)
	if err != nil {
		return nil, err
	}
	list, err := e.tags(ctx, repo)
	if err != nil {
		return nil, e.explain(ctx, inRepository(repo), err)
	}
	slices.Sort(list)
	return list, nil
}

// Details looks at each of the tags: digest, size, platforms. A tag that is gone
// by then is left out.
func (c *Client) Details(ctx context.Context, repo name.Repository, tags []string) ([]Tag, error) {
	all := make([]*Tag, len(tags))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(jobs)
	for i, tag := range tags {
		g.Go(func() (err error) {
			all[i], err = c.detail(ctx, repo.Tag(tag))
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var there []Tag
	for _, t := range all {
		if t != nil {
			there = append(there, *t)
		}
	}
	return there, nil
}

func (c *Client) detail(ctx context.Context, tag name.Tag) (*Tag, error) {
	img, err := c.Image(ctx, tag)
	if errors.Is(err, ErrUnknown) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r, err := Inspect(ctx, img)
	if err != nil {
		return nil, err
	}
	return &Tag{Name: tag.TagStr(), Digest: r.Digest, MediaType: r.MediaType, Size: r.Size, Platforms: r.Platforms}, nil
}

// Tag gives the image of ref further tags in its repository. Only its manifest is
// sent. It returns the digest.
func (c *Client) Tag(ctx context.Context, ref name.Reference, tags ...string) (v1.Hash, error) {
	img, err := c.Image(ctx, ref)
	if err != nil {
		return v1.Hash{}, err
	}
	n, err := readNode(ctx, img.from, img.Root)
	if err != nil {
		return v1.Hash{}, err
	}
	u, err := c.uploadTo(ref.Context(), img.from, newTally(c.Progress))
	if err != nil {
		return v1.Hash{}, err
	}
	for _, tag := range tags {
		if err := u.manifest(ctx, *n, tag); err != nil {
			return v1.Hash{}, err
		}
	}
	return img.Root.Digest, nil
}

// Digest asks which image a reference is, and which tags of the repository name the same one.
func (c *Client) Digest(ctx context.Context, ref name.Reference) (name.Digest, []string, error) {
	e, err := c.at(ref.Context().Registry)
	if err != nil {
		return name.Digest{}, nil, err
	}
	d, err := e.puller.Head(ctx, ref)
	if err != nil {
		return name.Digest{}, nil, e.explain(ctx, ref, err)
	}
	digest := ref.Context().Digest(d.Digest.String())
	tags, err := c.Tags(ctx, ref.Context())
	if err != nil {
		return digest, nil, err
	}
	same, err := e.sameDigest(ctx, ref.Context(), tags, d.Digest)
	return digest, same, err
}

func (e *endpoint) sameDigest(ctx context.Context, repo name.Repository, tags []string, h v1.Hash) ([]string, error) {
	is := make([]bool, len(tags))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2 * jobs)
	for i, tag := range tags {
		g.Go(func() error {
			d, err := e.puller.Head(ctx, repo.Tag(tag))
			is[i] = err == nil && d.Digest == h
			if isUnknown(err) {
				return nil
			}
			return e.explain(ctx, repo.Tag(tag), err)
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var same []string
	for i, tag := range tags {
		if is[i] {
			same = append(same, tag)
		}
	}
	return same, nil
}

// Delete deletes a manifest, and with it all tags that name it. Blobs stay until
// the registry collects its garbage.
func (c *Client) Delete(ctx context.Context, ref name.Digest) error {
	e, err := c.at(ref.Context().Registry)
	if err != nil {
		return err
	}
	err = e.pusher.Delete(ctx, ref)
	var answer *transport.Error
	if errors.As(err, &answer) && (answer.StatusCode == http.StatusMethodNotAllowed || hasCode(answer, transport.UnsupportedErrorCode)) {
		return errorf(NoDeletion, ref.Context().RegistryStr(), "%s: the registry is read-only, or deletion is disabled there", ref.Name())
	}
	return e.explain(ctx, ref, err)
}
