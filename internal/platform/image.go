package platform

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// ImageTemplate is how the name of an image is made, as "oadm registry" does it.
type ImageTemplate struct {
	Images    string // with ${component} and ${version}; "" is the platform's own
	Component string // such as docker-registry
	Latest    bool   // the version is latest, whatever the platform's is
}

var variables = regexp.MustCompile(`\$\{([^}]*)\}`)

// Check refuses an unknown variable, and a name from which a shell has taken them.
func (t ImageTemplate) Check() error {
	for _, found := range variables.FindAllStringSubmatch(t.Images, -1) {
		if !slices.Contains([]string{"component", "version"}, found[1]) {
			return hint.BadUsage(fmt.Errorf("image template %s: unknown variable %s", t.Images, found[0]), "use ${component} and ${version}, or the full name: --image NAME:TAG")
		}
	}
	plain := variables.ReplaceAllString(t.Images, "x")
	switch {
	case strings.Contains(plain, "${"):
		return hint.BadUsage(fmt.Errorf("image template %s: unclosed brace", t.Images), "use ${component} and ${version}")
	case strings.HasSuffix(plain, ":") || strings.HasSuffix(plain, "/") || strings.Contains(plain, "-:"):
		return hint.BadUsage(fmt.Errorf("image template %q: not an image name; the shell has expanded ${component} and ${version}", t.Images),
			"use single quotes: --images='openshift/origin-${component}:${version}'")
	}
	return nil
}

// Expand is the name for a platform's own template and version.
func (t ImageTemplate) Expand(own, version string) string {
	text := own
	if t.Images != "" {
		text = t.Images
	}
	if t.Latest {
		version = "latest"
	}
	return strings.NewReplacer("${component}", t.Component, "${version}", version).Replace(text)
}

// Tag is the tag of an image's name; "" where it has none.
func Tag(image string) string {
	at := strings.LastIndex(image, ":")
	if at < 0 || strings.Contains(image[at:], "/") || strings.Contains(image, "@") {
		return ""
	}
	return image[at+1:]
}

// OpenShiftImage tells whether an image is one of OpenShift 3's registry, by its name: openshift/origin-docker-registry
// or openshift3/ose-docker-registry, or copied elsewhere. Its own configuration lets in whom the cluster lets in.
func OpenShiftImage(image string) bool {
	image, _, _ = strings.Cut(image, "@")
	name := path.Base(strings.TrimSuffix(image, ":"+Tag(image)))
	return name == "origin-docker-registry" || name == "ose-docker-registry"
}

// OwnImage tells whether an image is regctl's own, by its name: regctl/regctl:v1, or copied elsewhere.
func OwnImage(image string) bool {
	image, _, _ = strings.Cut(image, "@")
	return path.Base(strings.TrimSuffix(image, ":"+Tag(image))) == "regctl"
}
