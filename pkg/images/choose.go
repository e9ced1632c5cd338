package images

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Choose returns the image of that name or digest, or the only one there is where
// want is empty. It fails where several different images answer to want.
func (a *Archive) Choose(want string) (*Image, error) {
	if len(a.Images) == 0 {
		return nil, errors.New("contains no image")
	}
	found := a.named(want)
	switch {
	case len(found) == 1:
		return found[0], found[0].ready()
	case len(found) == 0:
		return nil, errorf(NoSuchImage, a.label(a.Images[0]), "image %q not found; the archive contains %s", want, a.labels(a.Images))
	case want != "":
		return nil, errorf(SeveralImages, a.label(found[0]), "%q is the name of %d different images: %s", want, len(found), a.labels(found))
	}
	return nil, errorf(SeveralImages, a.label(found[0]), "contains %d images: %s", len(found), a.labels(found))
}

// named returns the images of that name or digest, or all where want is empty, each
// once. Only where no name is the same, those count that docker takes for the same.
func (a *Archive) named(want string) []*Image {
	found := a.distinct(func(img *Image) bool { return want == "" || img.is(want) })
	if tag, err := name.NewTag(want); len(found) == 0 && err == nil {
		return a.distinct(func(img *Image) bool { return img.isTagged(tag) })
	}
	return found
}

func (a *Archive) distinct(match func(*Image) bool) (found []*Image) {
	seen := map[string]bool{}
	for _, img := range a.Images {
		if match(img) && !seen[img.digest()] {
			seen[img.digest()] = true
			found = append(found, img)
		}
	}
	return found
}

func (i *Image) is(want string) bool { return slices.Contains(i.Names, want) || want == i.digest() }

// isTagged tells whether a name is the same in full: app is docker.io/library/app:latest.
func (i *Image) isTagged(want name.Tag) bool {
	return slices.ContainsFunc(i.Names, func(s string) bool {
		tag, err := name.NewTag(s)
		return err == nil && tag.Name() == want.Name()
	})
}

// digest is what Choose knows an image without a name by: in a docker-archive, which
// has no manifests, that of its configuration.
func (i *Image) digest() string {
	if i.id != (v1.Hash{}) {
		return i.id.String()
	}
	return i.Root.Digest.String()
}

// label returns the name that means this image and no other, or its digest.
func (a *Archive) label(img *Image) string {
	for _, n := range img.Names {
		if len(a.named(n)) == 1 {
			return n
		}
	}
	return img.digest()
}

const mostLabels = 10 // in one error

func (a *Archive) labels(list []*Image) string {
	var all []string
	for _, img := range list[:min(len(list), mostLabels)] {
		label := a.label(img)
		if about := img.about(); label == img.digest() && about != "" {
			label += " (" + about + ")"
		}
		all = append(all, label)
	}
	text := strings.Join(all, ", ")
	if more := len(list) - len(all); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// about tells images apart that have a name in common.
func (i *Image) about() string {
	all := slices.Clone(i.Names)
	if i.platform != nil {
		all = append(all, i.platform.String())
	}
	return strings.Join(all, ", ")
}

// ParsePlatform reads os/arch[/variant], such as linux/arm64/v8.
func ParsePlatform(s string) (*v1.Platform, error) {
	parts := strings.Split(s, "/")
	if len(parts) < 2 || len(parts) > 3 || slices.Contains(parts, "") {
		return nil, errorf(InvalidPlatform, s, "%q is not a platform", s)
	}
	return v1.ParsePlatform(s)
}

// For returns the image for one platform: the member of an index, also of an index
// in it, or the image itself where it was made for that platform. The error lists
// the platforms there are.
func (i *Image) For(ctx context.Context, p v1.Platform) (*Image, error) {
	s := platformSearch{want: p, from: i.from}
	found, err := s.in(ctx, i.Root, 0)
	switch {
	case err != nil:
		return nil, err
	case found == nil:
		return nil, noPlatform(i.from, p, s.others)
	case found.Digest == i.Root.Digest:
		return i, nil
	}
	return &Image{Root: plainDescriptor(*found), Names: i.Names, from: i.from}, nil
}

// platformSearch looks for the image of a platform, and notes which others there are.
type platformSearch struct {
	want   v1.Platform
	from   source
	others []string
	read   int // manifests
}

// in looks into a manifest or index; nil is nothing found.
func (s *platformSearch) in(ctx context.Context, d v1.Descriptor, depth int) (*v1.Descriptor, error) {
	if s.read++; depth > depthLimit || s.read > nodeLimit {
		return nil, nestedTooDeeply(s.from)
	}
	n, err := readNode(ctx, s.from, d)
	if err != nil {
		return nil, err
	}
	if !n.desc.MediaType.IsIndex() {
		return s.image(ctx, n, depth == 0)
	}
	var failed error
	for _, child := range n.children { // one that cannot be read need not be the one that is looked for
		found, err := s.member(ctx, child, depth)
		if found != nil || ctx.Err() != nil {
			return found, err
		}
		if failed == nil {
			failed = err
		}
	}
	return nil, failed
}

// member looks at one manifest of an index. It is read only where its descriptor does not tell.
func (s *platformSearch) member(ctx context.Context, d v1.Descriptor, depth int) (*v1.Descriptor, error) {
	switch {
	case d.MediaType.IsIndex() || d.Platform == nil:
		return s.in(ctx, d, depth+1)
	case d.Platform.Satisfies(s.want):
		return &d, nil
	}
	s.note(*d.Platform)
	return nil, nil
}

// image asks the configuration. Alone, what names no platform is taken for every one, such as a chart.
func (s *platformSearch) image(ctx context.Context, n *node, alone bool) (*v1.Descriptor, error) {
	cfg, err := readConfig(ctx, s.from, n)
	switch {
	case err != nil:
		return nil, err
	case cfg == nil || cfg.OS == "" && cfg.Architecture == "":
		if alone {
			return &n.desc, nil
		}
		return nil, nil
	case cfg.Platform().Satisfies(s.want):
		return &n.desc, nil
	}
	s.note(*cfg.Platform())
	return nil, nil
}

// note leaves out the "unknown" of attestations.
func (s *platformSearch) note(p v1.Platform) {
	if text := p.String(); p.OS != "unknown" && !slices.Contains(s.others, text) {
		s.others = append(s.others, text)
	}
}

func noPlatform(from source, p v1.Platform, there []string) error {
	if len(there) == 0 {
		return fmt.Errorf("%s: no image for %s, and no image that names its platform", from, p)
	}
	return errorf(NoSuchPlatform, there[0], "%s: no image for %s; there is %s", from, p, strings.Join(there, ", "))
}

// readConfig reads the configuration of an image; nil for something else, such as a chart.
func readConfig(ctx context.Context, from source, n *node) (*v1.ConfigFile, error) {
	if n.doc.Config == nil || !n.doc.Config.MediaType.IsConfig() {
		return nil, nil
	}
	raw, err := blobBytes(ctx, from, *n.doc.Config)
	if err != nil {
		return nil, err
	}
	cfg, err := v1.ParseConfigFile(strings.NewReader(string(raw)))
	if err != nil {
		return nil, fmt.Errorf("%s: configuration %s: %w", from, n.doc.Config.Digest, err)
	}
	return cfg, nil
}
