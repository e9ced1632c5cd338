package cluster

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// IsRegistry tells whether anything about an object says that it belongs to a registry:
// its labels, its name, or a container's name, image or variables. Nothing that it says
// no of may be replaced or deleted as one.
func IsRegistry(o *Object) bool {
	for key := range o.GetLabels() {
		if key == "regctl.io/registry" || strings.Contains(key, "registry") && !strings.Contains(key, "/") {
			return true
		}
	}
	if speaksOfRegistries(o.GetName()) {
		return true
	}
	w, err := Decode[struct {
		Spec struct{ Template corev1.PodTemplateSpec }
	}](o)
	if err != nil {
		return false
	}
	for _, c := range w.Spec.Template.Spec.Containers {
		if speaksOfRegistries(c.Name) || speaksOfRegistries(imagePath(c.Image)) {
			return true
		}
		for _, v := range c.Env {
			if strings.HasPrefix(v.Name, "REGISTRY_") || strings.HasPrefix(v.Name, "REGCTL_") {
				return true
			}
		}
	}
	return false
}

func speaksOfRegistries(text string) bool {
	return strings.Contains(text, "registry") || strings.Contains(text, "regctl")
}

// imagePath leaves out the host, which is a registry of any image.
func imagePath(image string) string {
	host, rest, found := strings.Cut(image, "/")
	if found && strings.ContainsAny(host, ".:") {
		return rest
	}
	return image
}
