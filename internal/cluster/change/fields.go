package change

import (
	"bytes"
	"fmt"

	"github.com/regctl/regctl/internal/cluster"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
)

// listKeys says, for servers that do not say it themselves, by which fields the elements of lists
// are told apart, wherever a list of that name is; other lists are one value, as
// for a server. The lists that are called ports are not alike.
const listKeys = `
types:
- name: any
  scalar: untyped
  list: {elementType: {namedType: any}, elementRelationship: atomic}
  map: &any
    elementType: {namedType: any}
    fields:
    - {name: containers, type: {namedType: containers}}
    - {name: initContainers, type: {namedType: containers}}
    - {name: volumes, type: {namedType: named}}
    - {name: imagePullSecrets, type: {namedType: named}}
    - {name: secrets, type: {namedType: named}}
    - {name: topologySpreadConstraints, type: {namedType: constraints}}
- name: containers
  scalar: untyped
  map: *any
  list: {elementType: {namedType: container}, elementRelationship: associative, keys: [name]}
- name: container
  scalar: untyped
  list: {elementType: {namedType: any}, elementRelationship: atomic}
  map:
    elementType: {namedType: any}
    fields:
    - {name: env, type: {namedType: named}}
    - {name: volumeMounts, type: {namedType: mounts}}
    - {name: ports, type: {namedType: containerPorts}}
- name: named
  scalar: untyped
  map: *any
  list: {elementType: {namedType: any}, elementRelationship: associative, keys: [name]}
- name: mounts
  scalar: untyped
  map: *any
  list: {elementType: {namedType: any}, elementRelationship: associative, keys: [mountPath]}
- name: constraints
  scalar: untyped
  map: *any
  list: {elementType: {namedType: any}, elementRelationship: associative, keys: [topologyKey, whenUnsatisfiable]}
- name: port
  map:
    elementType: {namedType: any}
    fields: [{name: protocol, type: {scalar: string}, default: TCP}]
- name: containerPorts
  scalar: untyped
  map: *any
  list: {elementType: {namedType: port}, elementRelationship: associative, keys: [containerPort, protocol]}
- name: servicePorts
  scalar: untyped
  map: *any
  list: {elementType: {namedType: port}, elementRelationship: associative, keys: [port, protocol]}
- name: service
  map:
    elementType: {namedType: any}
    fields: [{name: spec, type: {namedType: serviceSpec}}]
- name: serviceSpec
  map:
    elementType: {namedType: any}
    fields: [{name: ports, type: {namedType: servicePorts}}]
`

// fields are the paths of values in an object, written as in metadata.managedFields.
type fields = fieldpath.Set

// laidOver is what is there with what is wanted over it, and without the fields in last that are
// wanted no more. What neither speaks of stays as it is.
func laidOver(live, want *cluster.Object, last *fields) (*cluster.Object, error) {
	both, err := typedOf(live, want)
	if err != nil {
		return nil, err
	}
	wanted, err := both[1].ToFieldSet()
	if err != nil {
		return nil, err
	}
	merged, err := both[0].RemoveItems(last.Difference(wanted)).Merge(both[1])
	if err != nil {
		return nil, err
	}
	content, ok := merged.AsValue().Unstructured().(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s: not an object", cluster.RefOf(want))
	}
	dropEmptied(content, live.Object)
	return (&cluster.Object{Object: content}).DeepCopy(), nil
}

// without is an object less some of its fields.
func without(o *cluster.Object, some *fields) (*cluster.Object, error) {
	t, err := typedOf(o)
	if err != nil || some.Empty() {
		return o, err
	}
	content, _ := t[0].RemoveItems(some).AsValue().Unstructured().(map[string]any)
	dropEmptied(content, nil)
	return (&cluster.Object{Object: content}).DeepCopy(), nil
}

// otherwise are the fields that the server did not take as they were wanted: it does not know
// them, writes them in a form of its own, or has filled up a list.
func otherwise(want, out *cluster.Object, wanted *fields) (*fields, error) {
	both, err := typedOf(want, out)
	if err != nil {
		return nil, err
	}
	diff, err := both[0].Compare(both[1])
	if err != nil {
		return nil, err
	}
	return diff.Removed.Union(diff.Modified).Intersection(wanted), nil
}

// dropEmptied removes what has nothing left in it, which is null by then.
func dropEmptied(merged, live any) {
	switch m := merged.(type) {
	case map[string]any:
		l, _ := live.(map[string]any)
		for key, v := range m {
			if was, there := l[key]; v == nil && (!there || was != nil) {
				delete(m, key)
				continue
			}
			dropEmptied(v, l[key])
		}
	case []any:
		l, _ := live.([]any)
		for i, v := range m {
			dropEmptied(v, counterpart(v, l, i))
		}
	}
}

// fieldsOf are those that are wanted, less what names the object.
func fieldsOf(want *cluster.Object) (*fields, error) {
	t, err := typedOf(want)
	if err != nil {
		return nil, err
	}
	if err := t[0].Validate(); err != nil { // two elements of one name
		return nil, err
	}
	all, err := t[0].ToFieldSet()
	if err != nil {
		return nil, err
	}
	return all.Difference(fieldpath.NewSet(
		fieldpath.MakePathOrDie("apiVersion"), fieldpath.MakePathOrDie("kind"),
		fieldpath.MakePathOrDie("metadata", "name"), fieldpath.MakePathOrDie("metadata", "namespace"))), nil
}

// parseFields reads fields as managedFields has them.
func parseFields(text []byte) (*fields, error) {
	s := &fields{}
	return s, s.FromJSON(bytes.NewReader(text))
}

// typedOf are objects of one kind whose lists have keys. Where something else is under the names of those
// lists, as in objects of foreign kinds, they are taken as their form says: maps by field, lists as one value.
func typedOf(objects ...*cluster.Object) ([]*typed.TypedValue, error) {
	parser, err := typed.NewParser(listKeys)
	if err != nil {
		return nil, err
	}
	kind := "any"
	if objects[0].GroupVersionKind() == cluster.CoreKind("Service") {
		kind = "service"
	}
	all, err := typedAs(parser.Type(kind), objects)
	if err != nil {
		return typedAs(typed.DeducedParseableType, objects)
	}
	return all, nil
}

func typedAs(kind typed.ParseableType, objects []*cluster.Object) ([]*typed.TypedValue, error) {
	var all []*typed.TypedValue
	for _, o := range objects {
		t, err := kind.FromUnstructured(o.Object, typed.AllowDuplicates)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}
