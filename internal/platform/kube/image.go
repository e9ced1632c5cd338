package kube

import (
	"path"
	"strings"

	"github.com/regctl/regctl/internal/platform"
)

// ExpandImage names the image of a workload that names none, by its template or the platform's own.
func ExpandImage(w *platform.Workload, own, version string) {
	t := w.Template
	w.Template = nil
	if w.Image != "" && t == nil {
		return
	}
	if t == nil {
		t = &platform.ImageTemplate{Component: platform.DefaultName}
	}
	if tag := Tag(own); t.Latest && !strings.Contains(own, "${version}") {
		own = strings.TrimSuffix(own, tag) + "${version}"
	}
	w.Image = t.Expand(own, version)
}

// Tag is the tag of an image's name; "" where it has none.
func Tag(image string) string {
	at := strings.LastIndex(image, ":")
	if at < 0 || strings.Contains(image[at:], "/") || strings.Contains(image, "@") {
		return ""
	}
	return image[at+1:]
}

// OwnImage tells whether an image is regctl's own, by its name: regctl/regctl:v1, or copied elsewhere.
func OwnImage(image string) bool {
	image, _, _ = strings.Cut(image, "@")
	return path.Base(strings.TrimSuffix(image, ":"+Tag(image))) == "regctl"
}
