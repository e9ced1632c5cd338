package images

import (
	"context"
	"maps"
	"slices"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Report describes an image. Config and Layers are of a single image; an index has Manifests.
type Report struct {
	Ref       string        `json:"ref,omitempty"`
	Digest    string        `json:"digest"`
	MediaType string        `json:"mediaType"`
	Size      int64         `json:"size"` // bytes with all platforms, each blob once
	Platforms []string      `json:"platforms,omitempty"`
	Manifests []ReportEntry `json:"manifests,omitempty"`
	Created   *time.Time    `json:"created,omitempty"`
	Config    *ReportConfig `json:"config,omitempty"`
	Layers    []ReportEntry `json:"layers,omitempty"`
}

// ReportEntry is a manifest of an index, or a layer.
type ReportEntry struct {
	Digest    string `json:"digest"`
	MediaType string `json:"mediaType"`
	Size      int64  `json:"size"` // bytes, of the manifest or layer alone
	Platform  string `json:"platform,omitempty"`
}

// ReportConfig is what an image says of how it is run.
type ReportConfig struct {
	Entrypoint   []string          `json:"entrypoint,omitempty"`
	Cmd          []string          `json:"cmd,omitempty"`
	Env          []string          `json:"env,omitempty"`
	User         string            `json:"user,omitempty"`
	WorkingDir   string            `json:"workingDir,omitempty"`
	ExposedPorts []string          `json:"exposedPorts,omitempty"`
	Volumes      []string          `json:"volumes,omitempty"`
	Labels       map[string]string `json:"labels,omitempty"`
}

// Inspect describes an image without reading its layers.
func Inspect(ctx context.Context, img *Image) (*Report, error) {
	t, err := readTree(ctx, img.from, img.Root)
	if err != nil {
		return nil, err
	}
	root := t.root()
	r := &Report{Digest: root.desc.Digest.String(), MediaType: string(root.desc.MediaType), Size: t.size()}
	if len(img.Names) > 0 {
		r.Ref = img.Names[0]
	}
	for _, d := range root.children {
		r.Manifests = append(r.Manifests, entryOf(d))
	}
	if root.desc.MediaType.IsIndex() {
		r.Platforms = t.platforms()
		return r, nil
	}
	for _, d := range root.doc.Layers {
		r.Layers = append(r.Layers, entryOf(d))
	}
	cfg, err := readConfig(ctx, img.from, &root)
	if err == nil && cfg != nil {
		r.describe(cfg)
	}
	return r, err
}

func entryOf(d v1.Descriptor) ReportEntry {
	e := ReportEntry{Digest: d.Digest.String(), MediaType: string(d.MediaType), Size: d.Size}
	if d.Platform != nil {
		e.Platform = d.Platform.String()
	}
	return e
}

// platforms lists for what an index has images, without the "unknown" of attestations.
func (t *tree) platforms() (all []string) {
	for _, n := range t.nodes {
		for _, d := range n.children {
			if d.Platform != nil && d.Platform.OS != "unknown" && !slices.Contains(all, d.Platform.String()) {
				all = append(all, d.Platform.String())
			}
		}
	}
	return all
}

func (r *Report) describe(cfg *v1.ConfigFile) {
	if cfg.OS != "" {
		r.Platforms = []string{cfg.Platform().String()}
	}
	if !cfg.Created.IsZero() {
		r.Created = &cfg.Created.Time
	}
	c := cfg.Config
	r.Config = &ReportConfig{
		Entrypoint: c.Entrypoint, Cmd: c.Cmd, Env: c.Env, User: c.User, WorkingDir: c.WorkingDir, Labels: c.Labels,
		ExposedPorts: slices.Sorted(maps.Keys(c.ExposedPorts)), Volumes: slices.Sorted(maps.Keys(c.Volumes)),
	}
}
