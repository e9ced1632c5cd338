package images

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/regctl/regctl/pkg/hint"
)

// Choose returns the image of that name or digest, or the only one there is where want is empty.
func (a *Archive) Choose(want string) (*Image, error) {
	var found []*Image
	for _, img := range a.Images {
		if (want == "" || img.is(want)) && !slices.ContainsFunc(found, img.same) {
			found = append(found, img)
		}
	}
	switch {
	case len(a.Images) == 0:
		return nil, errors.New("there is no image in it")
	case len(found) == 1:
		return found[0], found[0].ready()
	case len(found) == 0:
		return nil, hint.Errorf("--image "+a.Images[0].label(), "no image %q in it, but %s", want, a.labels())
	}
	return nil, hint.Errorf("choose one: --image "+found[0].label(), "it holds %d images: %s", len(found), a.labels())
}

func (i *Image) is(want string) bool {
	return slices.Contains(i.Names, want) || want == i.Root.Digest.String() || want == i.id.String()
}

// same tells whether two entries are one image under two names.
func (i *Image) same(o *Image) bool { return i.Root.Digest == o.Root.Digest && i.id == o.id }

func (i *Image) label() string {
	switch {
	case len(i.Names) > 0:
		return i.Names[0]
	case i.load != nil:
		return i.id.String()
	}
	return i.Root.Digest.String()
}

func (a *Archive) labels() string {
	var all []string
	for _, img := range a.Images {
		all = append(all, img.label())
	}
	return strings.Join(all, ", ")
}

// ParsePlatform reads os/arch[/variant], such as linux/arm64/v8.
func ParsePlatform(s string) (*v1.Platform, error) {
	parts := strings.Split(s, "/")
	if len(parts) < 2 || len(parts) > 3 || slices.Contains(parts, "") {
		return nil, hint.BadUsage(fmt.Errorf("%q is not a platform", s), "write OS/ARCH[/VARIANT], such as linux/amd64")
	}
	return v1.ParsePlatform(s)
}

// For returns the image for one platform: the member of an index, or the image
// itself where it was made for that platform. The error lists the platforms there are.
func (i *Image) For(ctx context.Context, p v1.Platform) (*Image, error) {
	n, err := readNode(ctx, i.from, i.Root)
	if err != nil {
		return nil, err
	}
	if !n.desc.MediaType.IsIndex() {
		return i.onlyFor(ctx, n, p)
	}
	var there []string
	for _, d := range n.children {
		switch {
		case d.MediaType.IsIndex():
			if img, err := (&Image{Root: d, Names: i.Names, from: i.from}).For(ctx, p); err == nil {
				return img, nil
			}
		case d.Platform == nil:
		case d.Platform.Satisfies(p):
			return &Image{Root: bare(d), Names: i.Names, from: i.from}, nil
		default:
			there = append(there, d.Platform.String())
		}
	}
	return nil, noPlatform(i.from, p, there)
}

func (i *Image) onlyFor(ctx context.Context, n *node, p v1.Platform) (*Image, error) {
	cfg, err := readConfig(ctx, i.from, n)
	if err != nil {
		return nil, err
	}
	if cfg == nil || cfg.OS == "" && cfg.Architecture == "" || cfg.Platform().Satisfies(p) {
		return i, nil
	}
	return nil, noPlatform(i.from, p, []string{cfg.Platform().String()})
}

func noPlatform(from source, p v1.Platform, there []string) error {
	there = slices.DeleteFunc(there, func(s string) bool { return strings.HasPrefix(s, "unknown") }) // attestations
	if len(there) == 0 {
		return fmt.Errorf("%s: no image for %s, and none that names its platform", from, p)
	}
	return hint.Errorf("--platform "+there[0], "%s: no image for %s; there is %s", from, p, strings.Join(there, ", "))
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
