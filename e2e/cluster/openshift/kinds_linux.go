package openshift

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	_ "github.com/openshift/api/openapi" // so that go.mod keeps the module, whose files are read
)

type object = map[string]any

// kind is one that OpenShift serves by an API server of its own, so that the module
// has no CRD of it.
type kind struct {
	group, name, plural string
	short               []string
	clusterWide         bool
	subresources        object
}

func kinds() []kind {
	status := object{"status": object{}}
	scale := object{"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
	return []kind{
		{group: "apps", name: "DeploymentConfig", plural: "deploymentconfigs", short: []string{"dc"}, subresources: object{"status": object{}, "scale": scale}},
		{group: "image", name: "ImageStream", plural: "imagestreams", short: []string{"is"}, subresources: status},
		{group: "image", name: "ImageStreamTag", plural: "imagestreamtags", short: []string{"istag"}},
		{group: "image", name: "Image", plural: "images", clusterWide: true},
		{group: "project", name: "Project", plural: "projects", clusterWide: true, subresources: status},
		{group: "user", name: "User", plural: "users", clusterWide: true},
		{group: "user", name: "Group", plural: "groups", clusterWide: true},
		{group: "user", name: "Identity", plural: "identities", clusterWide: true},
		{group: "oauth", name: "OAuthClient", plural: "oauthclients", clusterWide: true},
		{group: "oauth", name: "OAuthAccessToken", plural: "oauthaccesstokens", clusterWide: true},
		{group: "template", name: "Template", plural: "templates"},
	}
}

// aggregated makes CRDs of the kinds, with the schemas of the file openapi.json, as a List.
func aggregated(openapi string) ([]byte, error) {
	data, err := os.ReadFile(openapi)
	if err != nil {
		return nil, err
	}
	var doc struct{ Definitions definitions }
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	var crds []object
	for _, k := range kinds() {
		schema, err := doc.Definitions.named(ours + k.group + ".v1." + k.name)
		if err != nil {
			return nil, err
		}
		crds = append(crds, k.crd(schema))
	}
	return json.Marshal(object{"apiVersion": "v1", "kind": "List", "items": crds})
}

func (k kind) crd(schema object) object {
	schema["properties"].(object)["metadata"] = object{"type": "object"} // the API server knows it
	version := object{"name": "v1", "served": true, "storage": true, "schema": object{"openAPIV3Schema": schema}}
	if k.subresources != nil {
		version["subresources"] = k.subresources
	}
	scope, group := "Namespaced", k.group+".openshift.io"
	if k.clusterWide {
		scope = "Cluster"
	}
	return object{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": object{"name": k.plural + "." + group},
		"spec": object{
			"group": group, "scope": scope, "versions": []object{version},
			"names": object{"kind": k.name, "listKind": k.name + "List", "plural": k.plural, "singular": strings.ToLower(k.name), "shortNames": k.short},
		},
	}
}

// definitions are those of an OpenAPI 2 document: name to schema.
type definitions map[string]object

// ours begins the names of OpenShift's definitions.
const ours = "com.github.openshift.api."

// named is the schema of a definition, as a CRD wants it: without references.
func (d definitions) named(name string) (object, error) {
	switch {
	case strings.HasSuffix(name, ".IntOrString"), strings.HasSuffix(name, ".Quantity"):
		return object{"x-kubernetes-int-or-string": true}, nil
	case strings.HasSuffix(name, ".RawExtension"), strings.HasSuffix(name, ".FieldsV1"):
		return object{"type": "object", "x-kubernetes-preserve-unknown-fields": true}, nil
	}
	def, ok := d[name]
	if !ok {
		return nil, fmt.Errorf("%s: not in openapi.json", name)
	}
	s, err := d.schema(def)
	if strings.HasPrefix(name, ours) {
		delete(s, "required") // there, it says what a server's answer has, not what a client must send
	}
	return s, err
}

func (d definitions) schema(def object) (s object, err error) {
	if ref, ok := def["$ref"].(string); ok {
		return d.named(strings.TrimPrefix(ref, "#/definitions/"))
	}
	s = object{}
	for _, key := range []string{"type", "format", "required", "enum", "x-kubernetes-map-type", "x-kubernetes-list-type", "x-kubernetes-list-map-keys"} {
		if value, ok := def[key]; ok {
			s[key] = value
		}
	}
	if properties, ok := def["properties"].(object); ok {
		all := object{}
		for name, property := range properties {
			if all[name], err = d.schema(property.(object)); err != nil {
				return nil, err
			}
		}
		s["properties"] = all
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if child, ok := def[key].(object); ok {
			if s[key], err = d.schema(child); err != nil {
				return nil, err
			}
		}
	}
	if keys, ok := def["x-kubernetes-list-map-keys"].([]any); ok {
		d.keep(s["items"].(object), def["items"].(object), keys)
	}
	if s["type"] == nil {
		s["x-kubernetes-preserve-unknown-fields"] = true
	}
	return s, nil
}

// keep sees to it that the keys of a list's items are there: each has a default, or must be given.
func (d definitions) keep(items, def object, keys []any) {
	if ref, ok := def["$ref"].(string); ok {
		def = d[strings.TrimPrefix(ref, "#/definitions/")]
	}
	required, _ := items["required"].([]any)
	for _, key := range keys {
		if value, ok := def["properties"].(object)[key.(string)].(object)["default"]; ok && value != "" {
			items["properties"].(object)[key.(string)].(object)["default"] = value
		} else if !slices.Contains(required, key) {
			required = append(required, key)
		}
	}
	items["required"] = required
}
