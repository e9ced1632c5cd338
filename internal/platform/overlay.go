package platform

import (
	"reflect"
	"strings"
)

// Over lays what s says over what base says. What s does not speak about is base's;
// lists and maps are replaced as a whole, and so are the certificate, the users and the exposure.
func (s Spec) Over(base Spec) Spec {
	var out Spec
	overlay(reflect.ValueOf(&out).Elem(), reflect.ValueOf(base))
	forget(&out, s)
	overlay(reflect.ValueOf(&out).Elem(), reflect.ValueOf(s))
	out.Name, out.Namespace = s.Name, s.Namespace
	return out
}

// overlay puts the fields that from says into to, part by part. No part of from is shared
// with to afterwards: who fills in defaults does so in a copy.
func overlay(to, from reflect.Value) {
	for i := range from.NumField() {
		have, say := to.Field(i), from.Field(i)
		switch {
		case say.IsZero():
		case say.Kind() == reflect.Struct:
			overlay(have, say)
		case say.Kind() == reflect.Pointer && say.Elem().Kind() == reflect.Struct:
			part := reflect.New(say.Type().Elem())
			if !have.IsNil() {
				part.Elem().Set(have.Elem())
			}
			overlay(part.Elem(), say.Elem())
			have.Set(part)
		case emptied(from.Type().Field(i), say):
			have.SetZero()
		default:
			have.Set(say)
		}
	}
}

// emptied tells whether a list or map is said to be empty, which is its default. Those that
// are written even where they are empty (omitzero) can be emptied for good.
func emptied(field reflect.StructField, say reflect.Value) bool {
	list := say.Kind() == reflect.Slice || say.Kind() == reflect.Map
	return list && say.Len() == 0 && strings.HasSuffix(field.Tag.Get("json"), ",omitempty")
}

// forget removes from out what s replaces as a whole, or what cannot stand beside it.
func forget(out *Spec, s Spec) {
	if s.Storage != nil && s.Storage.Kind() != out.Storage.Kind() {
		out.Storage = nil
	}
	if s.TLS != nil {
		out.TLS = nil
	}
	if s.Auth != nil {
		out.Auth = nil
	}
	if s.Exposure != nil { // one exposure, not parts of two
		out.Exposure = nil
	}
	if o := s.Operator; o != nil && out.Operator != nil {
		if o.Reads != nil {
			out.Operator.Reads = nil
		}
		if o.Writes != nil {
			out.Operator.Writes = nil
		}
	}
	if s.Workload != nil && out.Workload != nil {
		forgetWorkload(out.Workload, s.Workload)
	}
}

func forgetWorkload(o, w *Workload) {
	if w.FSGroup != nil || w.SupplementalGroups != nil { // a pod has one or the other
		o.FSGroup, o.SupplementalGroups = nil, nil
	}
	if w.DaemonSet != nil && *w.DaemonSet {
		o.Replicas = nil
	}
}
