package platform

import (
	"fmt"

	"sigs.k8s.io/yaml"
)

// Kind and version of a Registry document.
const (
	DocumentKind    = "Registry"
	DocumentVersion = "regctl.io/v1"
)

// Document is a Spec as a file has it.
type Document struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   Metadata `json:"metadata"`
	Spec       Spec     `json:"spec"`
}

// Metadata names the registry.
type Metadata struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"`
}

// DocumentOf is the document of a Spec.
func DocumentOf(s Spec) Document {
	return Document{DocumentVersion, DocumentKind, Metadata{s.Name, s.Namespace}, s}
}

// ParseDocument reads a document, in YAML or JSON. A field that is not known is an error that names it.
func ParseDocument(text []byte) (Spec, error) {
	var d Document
	if err := yaml.Unmarshal(text, &struct {
		APIVersion *string `json:"apiVersion"`
		Kind       *string `json:"kind"`
	}{&d.APIVersion, &d.Kind}); err != nil {
		return Spec{}, err
	}
	if d.Kind != DocumentKind || d.APIVersion != DocumentVersion {
		return Spec{}, fmt.Errorf("kind %q of %q: must be kind: %s, apiVersion: %s", d.Kind, d.APIVersion, DocumentKind, DocumentVersion)
	}
	if err := yaml.UnmarshalStrict(text, &d); err != nil {
		return Spec{}, err
	}
	if d.Metadata.Name == "" {
		d.Metadata.Name = DefaultName
	}
	d.Spec.Name, d.Spec.Namespace = d.Metadata.Name, d.Metadata.Namespace
	return d.Spec, d.Spec.Check()
}
