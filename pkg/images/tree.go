package images

import (
	"context"
	"encoding/json"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const (
	manifestLimit = 16 << 20 // bytes; registries refuse more than 4 MiB
	depthLimit    = 8        // index in index in index…
	nodeLimit     = 10000    // manifests of one image, and images of one archive
)

func tooMany(n int, what string) error {
	return fmt.Errorf("%d %s, more than the limit of %d", n, what, nodeLimit)
}

// node is one manifest or index with what it consists of.
type node struct {
	desc     v1.Descriptor
	raw      []byte
	doc      document
	children []v1.Descriptor // manifests
	blobs    []v1.Descriptor // configuration and layers that registries hold
}

// document is what manifests and indexes have in common and what tells them apart.
type document struct {
	SchemaVersion int             `json:"schemaVersion"`
	MediaType     types.MediaType `json:"mediaType"`
	Config        *v1.Descriptor  `json:"config"`
	Layers        []v1.Descriptor `json:"layers"`
	Manifests     []v1.Descriptor `json:"manifests"`
	Subject       *v1.Descriptor  `json:"subject"`
}

// tree is an image with everything that belongs to it.
type tree struct {
	nodes []node          // children before their parents, the root last
	blobs []v1.Descriptor // each once
}

// readTree reads all manifests of an image and compares each with its digest.
func readTree(ctx context.Context, from source, root v1.Descriptor) (*tree, error) {
	t := &tree{}
	r := treeReader{from: from, tree: t, seen: map[v1.Hash]bool{}}
	return t, r.read(ctx, root, 0)
}

func nestedTooDeeply(from source) error {
	return fmt.Errorf("%s: indexes are nested too deeply or hold too many manifests", from)
}

type treeReader struct {
	from source
	tree *tree
	seen map[v1.Hash]bool
}

func (r *treeReader) read(ctx context.Context, d v1.Descriptor, depth int) error {
	if r.seen[d.Digest] {
		return nil
	}
	if depth > depthLimit || len(r.tree.nodes) >= nodeLimit {
		return nestedTooDeeply(r.from)
	}
	n, err := readNode(ctx, r.from, d)
	if err != nil {
		return err
	}
	r.seen[d.Digest] = true
	for _, child := range n.children {
		if err := r.read(ctx, child, depth+1); err != nil {
			return err
		}
	}
	for _, b := range n.blobs {
		if !r.seen[b.Digest] {
			r.seen[b.Digest] = true
			r.tree.blobs = append(r.tree.blobs, b)
		}
	}
	r.tree.nodes = append(r.tree.nodes, *n)
	return nil
}

func (t *tree) root() node { return t.nodes[len(t.nodes)-1] }

// size is the bytes of all manifests and blobs.
func (t *tree) size() (sum int64) {
	for _, n := range t.nodes {
		sum += int64(len(n.raw))
	}
	for _, b := range t.blobs {
		sum += b.Size
	}
	return sum
}

// missing says which blob the source lacks, before anything is written anywhere.
func (t *tree) missing(from source) error {
	for _, b := range t.blobs {
		if err := from.has(b); err != nil {
			return err
		}
	}
	return nil
}

// readNode reads one manifest or index.
func readNode(ctx context.Context, from source, d v1.Descriptor) (*node, error) {
	raw, err := from.manifest(ctx, d)
	if err != nil {
		return nil, err
	}
	if err := verifyBytes(raw, d); err != nil {
		return nil, fmt.Errorf("%s: manifest %w", from, err)
	}
	n, err := parseNode(raw, d)
	if err != nil {
		return nil, fmt.Errorf("%s: manifest %s: %w", from, d.Digest, err)
	}
	return n, nil
}

// parseNode takes a manifest or index apart.
func parseNode(raw []byte, d v1.Descriptor) (*node, error) {
	n := &node{desc: d, raw: raw}
	if err := json.Unmarshal(raw, &n.doc); err != nil {
		return nil, err
	}
	n.desc.Size = int64(len(raw))
	if n.desc.MediaType == "" {
		n.desc.MediaType = n.doc.kind()
	}
	var err error
	switch {
	case n.desc.MediaType.IsSchema1() || n.doc.SchemaVersion == 1:
		return nil, errorf(Schema1, d.Digest.String(), "schema 1 manifests are not supported")
	case n.desc.MediaType.IsIndex():
		err = n.addIndex()
	case n.doc.Config == nil && !n.desc.MediaType.IsImage():
		return nil, fmt.Errorf("neither an image nor an index (media type %q)", n.desc.MediaType)
	default:
		err = n.addImage()
	}
	return n, err
}

func (m *document) kind() types.MediaType {
	switch {
	case m.MediaType != "":
		return m.MediaType
	case m.Manifests != nil:
		return types.OCIImageIndex
	}
	return types.OCIManifestSchema1
}

func (n *node) addImage() error {
	if n.doc.Config == nil {
		return fmt.Errorf("it has no config")
	}
	for _, d := range append([]v1.Descriptor{*n.doc.Config}, n.doc.Layers...) {
		if d.MediaType.IsDistributable() { // others are fetched from their makers, not from registries
			n.blobs = append(n.blobs, d)
		}
	}
	return checkDescriptors(n.blobs)
}

func (n *node) addIndex() error {
	if count := len(n.doc.Manifests); count > nodeLimit {
		return tooMany(count, "manifests")
	}
	for _, d := range n.doc.Manifests {
		if d.MediaType == "" || d.MediaType.IsIndex() || d.MediaType.IsImage() || d.MediaType.IsSchema1() {
			n.children = append(n.children, d)
		} else {
			n.blobs = append(n.blobs, d)
		}
	}
	return checkDescriptors(append(n.children, n.blobs...))
}

// checkDescriptors refuses what would later be an empty file name or a negative length.
func checkDescriptors(list []v1.Descriptor) error {
	for _, d := range list {
		if d.Digest == (v1.Hash{}) || d.Size < 0 {
			return fmt.Errorf("a descriptor has no digest or a negative size")
		}
	}
	return nil
}
