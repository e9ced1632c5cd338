package kube

import (
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
	if tag := platform.Tag(own); t.Latest && !strings.Contains(own, "${version}") {
		own = strings.TrimSuffix(own, tag) + "${version}"
	}
	w.Image = t.Expand(own, version)
}
