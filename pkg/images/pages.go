package images

import (
	"context"
	"fmt"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

const (
	pageLimit  = 10000    // pages of a list of tags or repositories
	namesLimit = 64 << 20 // bytes of all names in it
)

// pages collects a list that a registry gives page by page, and ends with an error
// where the registry does not end.
type pages struct {
	names []string
	bytes int
	seen  map[string]bool // addresses of next pages
}

// add takes a page and the address of the next, which is "" on the last page.
func (p *pages) add(names []string, next string) error {
	if p.seen == nil {
		p.seen, p.names = map[string]bool{}, []string{}
	}
	p.names = append(p.names, names...)
	for _, n := range names {
		p.bytes += len(n)
	}
	switch {
	case p.seen[next]:
		return fmt.Errorf("the registry's list does not end: its page %s comes again", next)
	case p.bytes > namesLimit:
		return fmt.Errorf("the registry's list is longer than %d MiB", namesLimit>>20)
	case len(p.seen) >= pageLimit:
		return fmt.Errorf("the registry's list has more than %d pages", pageLimit)
	case next != "":
		p.seen[next] = true
	}
	return nil
}

// tags lists the tags of a repository.
func (e *endpoint) tags(ctx context.Context, repo name.Repository) ([]string, error) {
	lister, err := e.puller.Lister(ctx, repo)
	if err != nil {
		return nil, err
	}
	var all pages
	for lister.HasNext() {
		page, err := lister.Next(ctx)
		if err != nil {
			return nil, err
		}
		if err := all.add(page.Tags, page.Next); err != nil {
			return nil, err
		}
	}
	return all.names, nil
}

// catalog lists the repositories of a registry.
func catalog(ctx context.Context, puller *remote.Puller, reg name.Registry) ([]string, error) {
	lister, err := puller.Catalogger(ctx, reg)
	if err != nil {
		return nil, err
	}
	var all pages
	for lister.HasNext() {
		page, err := lister.Next(ctx)
		if err != nil {
			return nil, err
		}
		if err := all.add(page.Repos, page.Next); err != nil {
			return nil, err
		}
	}
	return all.names, nil
}

// catalogOfAnySize leaves the size of the pages to the registry.
func (e *endpoint) catalogOfAnySize(ctx context.Context, reg name.Registry) ([]string, error) {
	puller, err := remote.NewPuller(append(e.client.options(e.wire), remote.WithPageSize(0))...)
	if err != nil {
		return nil, err
	}
	return catalog(ctx, puller, reg)
}
