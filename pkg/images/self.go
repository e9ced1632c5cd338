package images

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	gcr "github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/regctl/regctl/pkg/certs"
)

// selfUser runs the program in its image. Its group is root's, as on OpenShift,
// which runs images as any number in that group.
const selfUser = 1001

// SelfOptions say what regctl's own image is made of.
type SelfOptions struct {
	Binary   *Binary
	Created  time.Time // of everything in it
	CABundle []byte    // PEM, the root CAs that the program trusts; nil is none
	Docker   bool      // docker's media types, which a docker-archive implies, instead of OCI's
}

var notInTag = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// SelfName is the name of regctl's own image of a version.
func SelfName(version string) string {
	tag := strings.Trim(notInTag.ReplaceAllString(version, "-"), ".-")
	if tag == "" {
		tag = "latest"
	}
	return "regctl/regctl:" + tag
}

// ParseName reads the name of an image in an archive, which needs no registry in it.
func ParseName(s string) (name.Tag, error) {
	tag, err := name.NewTag(s)
	if err != nil {
		return tag, errorf(InvalidName, s, "%q is not an image name", s)
	}
	return tag, nil
}

// Self makes an image of one program that runs "serve" as a user other than root,
// with its data below /registry. The same input gives the same bytes.
func Self(opts SelfOptions) (*Image, error) {
	if opts.CABundle != nil {
		chain, err := certs.ParseChain(opts.CABundle)
		if err != nil {
			return nil, fmt.Errorf("CA bundle: %w", err)
		}
		opts.CABundle = certs.EncodeChain(chain)
	}
	manifest, config, layerType := types.OCIManifestSchema1, types.OCIConfigJSON, types.OCILayer
	if opts.Docker {
		manifest, config, layerType = types.DockerManifestSchema2, types.DockerConfigJSON, types.DockerLayer
	}
	open := func() (io.ReadCloser, error) { return selfLayer(opts), nil }
	layer, err := gcr.LayerFromOpener(open, gcr.WithCompressedCaching, gcr.WithMediaType(layerType))
	if err != nil {
		return nil, err
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, manifest), config)
	img, err := mutate.Append(base, mutate.Addendum{Layer: layer, MediaType: layerType, History: v1.History{
		Created: v1.Time{Time: opts.Created}, CreatedBy: "regctl image save-self",
	}})
	if err != nil {
		return nil, err
	}
	cfg, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	if img, err = mutate.ConfigFile(img, selfConfig(cfg.DeepCopy(), opts)); err != nil {
		return nil, err
	}
	d, err := partial.Descriptor(img)
	if err != nil {
		return nil, err
	}
	return &Image{Root: *d, from: &imageSource{img: img, name: opts.Binary.Path}}, nil
}

func selfConfig(cfg *v1.ConfigFile, opts SelfOptions) *v1.ConfigFile {
	cfg.OS, cfg.Architecture = opts.Binary.Platform.OS, opts.Binary.Platform.Architecture
	cfg.Created = v1.Time{Time: opts.Created}
	cfg.Config = v1.Config{
		Entrypoint:   []string{"/regctl", "serve"},
		User:         fmt.Sprint(selfUser),
		ExposedPorts: map[string]struct{}{"5000/tcp": {}},
		Volumes:      map[string]struct{}{"/registry": {}},
		WorkingDir:   "/",
		Env: []string{"PATH=/", "HOME=/tmp", "XDG_DATA_HOME=/registry", "REGCTL_SERVE_ADDR=:5000",
			"REGCTL_SERVE_ROOT=/registry", "REGCTL_SERVE_TRUST=none"},
		Labels: map[string]string{
			"org.opencontainers.image.title":       "regctl",
			"org.opencontainers.image.description": "A container registry that is secured, trusted, reachable and logged in",
			"org.opencontainers.image.source":      "https://github.com/regctl/regctl",
			"org.opencontainers.image.licenses":    "Apache-2.0",
			"org.opencontainers.image.created":     opts.Created.UTC().Format(time.RFC3339),
		},
	}
	for label, value := range map[string]string{"version": opts.Binary.Version, "revision": opts.Binary.Revision} {
		if value != "" {
			cfg.Config.Labels["org.opencontainers.image."+label] = value
		}
	}
	return cfg
}

// selfLayer streams the files of the image as a tar archive.
func selfLayer(opts SelfOptions) io.ReadCloser {
	r, w := io.Pipe()
	go func() { w.CloseWithError(writeSelf(w, opts)) }()
	return r
}

func writeSelf(w io.Writer, opts SelfOptions) error {
	l := selfTar{Writer: tar.NewWriter(w), at: opts.Created}
	l.dir("etc/", 0o755, 0)
	l.file("etc/group", 0o644, []byte("root:x:0:\n"))
	l.file("etc/passwd", 0o644, fmt.Appendf(nil, "root:x:0:0:root:/:/sbin/nologin\nregctl:x:%d:0:regctl:/tmp:/sbin/nologin\n", selfUser))
	if opts.CABundle != nil {
		l.dir("etc/ssl/", 0o755, 0)
		l.dir("etc/ssl/certs/", 0o755, 0)
		l.file("etc/ssl/certs/ca-certificates.crt", 0o644, opts.CABundle)
	}
	l.dir("registry/", 0o775, selfUser)
	l.program(opts.Binary.Path)
	l.dir("tmp/", 0o1777, 0)
	if l.err != nil {
		return l.err
	}
	return l.Close()
}

// selfTar writes entries until one fails.
type selfTar struct {
	*tar.Writer
	at  time.Time
	err error
}

func (l *selfTar) entry(h tar.Header, content io.Reader) {
	h.ModTime, h.Format = l.at, tar.FormatPAX
	if l.err == nil {
		l.err = l.WriteHeader(&h)
	}
	if l.err == nil && content != nil {
		_, l.err = io.Copy(l, content)
	}
}

func (l *selfTar) dir(name string, mode int64, uid int) {
	l.entry(tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: mode, Uid: uid}, nil)
}

func (l *selfTar) file(name string, mode int64, content []byte) {
	l.entry(tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: int64(len(content))}, bytes.NewReader(content))
}

func (l *selfTar) program(path string) {
	f, err := os.Open(path)
	if err != nil {
		l.err = err
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		l.err = err
		return
	}
	l.entry(tar.Header{Typeflag: tar.TypeReg, Name: "regctl", Mode: 0o755, Size: info.Size()}, f)
}
