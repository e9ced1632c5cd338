package images

import (
	"archive/tar"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	gcr "github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Write writes an image as an archive, OCIArchive or DockerArchive, that names it
// ref. The same image gives the same bytes.
func (i *Image) Write(ctx context.Context, w io.Writer, format string, ref name.Reference) error {
	t, err := readTree(ctx, i.from, i.Root)
	if err != nil {
		return err
	}
	if err := t.missing(i.from); err != nil {
		return err
	}
	w = canceledWriter{ctx, w}
	if format == DockerArchive {
		return i.writeDocker(ctx, w, t.root(), ref)
	}
	return writeLayoutTar(ctx, w, i.from, t, ref)
}

func (i *Image) writeDocker(ctx context.Context, w io.Writer, n node, ref name.Reference) error {
	if err := fitsDocker(i.from, n); err != nil {
		return err
	}
	img, err := partial.CompressedToImage(&readBack{ctx: ctx, from: i.from, node: n})
	if err != nil {
		return err
	}
	if tag, ok := ref.(name.Tag); ok {
		if ref, err = name.NewTag(canonical(tag.Name())); err != nil { // so that the name in the archive has registry and tag
			return err
		}
	}
	return gcr.Write(ref, img, w)
}

// fitsDocker tells whether a docker-archive can hold an image: it needs all layers.
func fitsDocker(from source, n node) error {
	if n.doc.Config == nil || !n.doc.Config.MediaType.IsConfig() {
		return errorf(NotContainer, from.String(), "%s: not a container image, which a docker-archive requires", from)
	}
	for _, d := range n.doc.Layers {
		if !d.MediaType.IsDistributable() {
			return errorf(MissingForeign, d.Digest.String(), "%s: foreign layer %s is not in the registry but at %s; a docker-archive requires it",
				from, d.Digest, cmp.Or(strings.Join(d.URLs, " "), "no URL"))
		}
	}
	return nil
}

// readBack shows a source to the library as one image.
type readBack struct {
	ctx  context.Context
	from source
	node node
}

func (r *readBack) MediaType() (types.MediaType, error) { return r.node.desc.MediaType, nil }
func (r *readBack) RawManifest() ([]byte, error)        { return r.node.raw, nil }
func (r *readBack) RawConfigFile() ([]byte, error) {
	return blobBytes(r.ctx, r.from, *r.node.doc.Config)
}

func (r *readBack) LayerByDigest(h v1.Hash) (partial.CompressedLayer, error) {
	for _, d := range r.node.doc.Layers {
		if d.Digest == h {
			return &blob{ctx: r.ctx, from: r.from, d: d, progress: silent{}}, nil
		}
	}
	return nil, fmt.Errorf("%s: no layer %s", r.from, h)
}

// writeLayoutTar writes an OCI layout as a tar archive without times and owners.
func writeLayoutTar(ctx context.Context, w io.Writer, from source, t *tree, ref name.Reference) error {
	entry := indexEntry(t.root().desc, ref)
	idx, err := json.Marshal(v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: []v1.Descriptor{entry}})
	if err != nil {
		return err
	}
	tw := tar.NewWriter(w)
	put := func(name string, size int64, r io.Reader) error {
		if err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: size, Typeflag: tar.TypeReg}); err != nil {
			return err
		}
		_, err := io.Copy(tw, r)
		return err
	}
	if err := put("oci-layout", int64(len(layoutMark)), strings.NewReader(layoutMark)); err != nil {
		return err
	}
	if err := put("index.json", int64(len(idx)), strings.NewReader(string(idx))); err != nil {
		return err
	}
	for _, n := range t.nodes {
		if err := put(blobName(n.desc.Digest), int64(len(n.raw)), strings.NewReader(string(n.raw))); err != nil {
			return err
		}
	}
	for _, d := range slices.SortedFunc(slices.Values(t.blobs), byDigest) {
		if err := putBlob(ctx, put, from, d); err != nil {
			return err
		}
	}
	return tw.Close()
}

func putBlob(ctx context.Context, put func(string, int64, io.Reader) error, from source, d v1.Descriptor) error {
	rc, err := openVerified(ctx, from, d)
	if err != nil {
		return err
	}
	defer rc.Close()
	return put(blobName(d.Digest), d.Size, rc)
}

func byDigest(a, b v1.Descriptor) int { return strings.Compare(a.Digest.Hex, b.Digest.Hex) }

// canceledWriter is a Writer that ends with its context.
type canceledWriter struct {
	ctx context.Context
	io.Writer
}

func (c canceledWriter) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.Writer.Write(p)
}
