package platform

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"

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

// separator stands between documents.
var separator = regexp.MustCompile(`(?m)^---[ \t]*(#.*)?\r?$`)

// ParseDocument reads the one document of a file, in YAML or JSON. A field that is not known is an error that names it.
func ParseDocument(text []byte) (Spec, error) {
	var docs [][]byte
	for _, part := range separator.Split(string(text), -1) {
		var content any
		if err := yaml.Unmarshal([]byte(part), &content); err != nil {
			return Spec{}, err
		}
		if content != nil { // nil: comments alone
			docs = append(docs, []byte(part))
		}
	}
	if len(docs) != 1 {
		return Spec{}, fmt.Errorf("must contain one document, not %d", len(docs))
	}
	return parseDocument(docs[0])
}

func parseDocument(text []byte) (Spec, error) {
	var of struct{ APIVersion, Kind string }
	if err := yaml.Unmarshal(text, &of); err != nil {
		return Spec{}, err
	}
	if of.Kind != DocumentKind || of.APIVersion != DocumentVersion {
		return Spec{}, fmt.Errorf("kind %q of %q: must be kind: %s, apiVersion: %s", of.Kind, of.APIVersion, DocumentKind, DocumentVersion)
	}
	var d Document
	if err := yaml.UnmarshalStrict(text, &d); err != nil {
		return Spec{}, errors.New(strings.TrimPrefix(err.Error(), "error unmarshaling JSON: while decoding JSON: json: "))
	}
	d.Spec.Name, d.Spec.Namespace = cmp.Or(d.Metadata.Name, DefaultName), d.Metadata.Namespace
	return d.Spec, nil
}
