package openshift4

import (
	"cmp"
	"maps"
	"reflect"

	"github.com/regctl/regctl/internal/platform"
)

// edits are what has to be changed in the configuration so that it says what a complete
// Spec says. What it says already is left out: another client may be changing it.
func (c *config) edits(s platform.Spec) []func(spec object) {
	base, o, w := c.spec(), s.Operator, s.Workload
	was := base.Operator
	if was == nil {
		was = &platform.Operator{}
	}
	var all []func(object)
	set := func(key string, value, before any) {
		if !reflect.DeepEqual(value, before) {
			all = append(all, func(spec object) { put(spec, key, value) })
		}
	}
	set("managementState", o.State, was.State)
	if o.Strategy != "" {
		set("rolloutStrategy", o.Strategy, was.Strategy)
	}
	if w.Replicas != nil && (base.Workload == nil || base.Workload.Replicas == nil || *base.Workload.Replicas != *w.Replicas) {
		all = append(all, func(spec object) { spec["replicas"] = int64(*w.Replicas) })
	}
	if w.NodeSelector != nil && !maps.Equal(w.NodeSelector, c.Spec.NodeSelector) {
		all = append(all, func(spec object) { put(spec, "nodeSelector", generic(w.NodeSelector)) })
	}
	if len(o.Tolerations)+len(was.Tolerations) > 0 && !reflect.DeepEqual(o.Tolerations, was.Tolerations) {
		all = append(all, func(spec object) { put(spec, "tolerations", tolerations(o.Tolerations)) })
	}
	if o.ReadOnly != nil {
		set("readOnly", *o.ReadOnly, c.Spec.ReadOnly)
	}
	if o.DisableRedirect != nil {
		set("disableRedirect", *o.DisableRedirect, c.Spec.DisableRedirect)
	}
	all = append(all, resourceEdits(o.Resources, was.Resources)...)
	all = append(all, queueEdit("read", o.Reads, was.Reads)...)
	all = append(all, queueEdit("write", o.Writes, was.Writes)...)
	return append(all, c.storageEdit(s.Storage)...)
}

// put sets a field, or removes it where the value is empty.
func put(m object, key string, value any) {
	if v := reflect.ValueOf(value); !v.IsValid() || v.IsZero() || (v.Kind() == reflect.Map || v.Kind() == reflect.Slice) && v.Len() == 0 {
		delete(m, key)
		return
	}
	m[key] = value
}

func generic(m map[string]string) object {
	out := object{}
	for key, value := range m {
		out[key] = value
	}
	return out
}

func tolerations(all []platform.Toleration) list {
	var out list
	for _, t := range all {
		o := object{}
		for key, value := range map[string]string{"key": t.Key, "operator": t.Operator, "value": t.Value, "effect": t.Effect} {
			put(o, key, value)
		}
		if t.Seconds != nil {
			o["tolerationSeconds"] = *t.Seconds
		}
		out = append(out, o)
	}
	return out
}

func resourceEdits(want, was *platform.Resources) (all []func(object)) {
	if want == nil {
		return nil
	}
	if was == nil {
		was = &platform.Resources{}
	}
	for _, r := range []struct {
		key       string
		want, was map[string]string
	}{{"requests", want.Requests, was.Requests}, {"limits", want.Limits, was.Limits}} {
		if r.want == nil || maps.Equal(r.want, r.was) {
			continue
		}
		all = append(all, func(spec object) {
			part := inner(spec, "resources")
			put(part, r.key, generic(r.want))
			put(spec, "resources", part)
		})
	}
	return all
}

func queueEdit(key string, want, was *platform.Queue) []func(object) {
	if want == nil {
		return nil
	}
	if was == nil {
		was = &platform.Queue{}
	}
	if *want == *was {
		return nil
	}
	return []func(object){func(spec object) {
		requests := inner(spec, "requests")
		part := inner(requests, key)
		put(part, "maxRunning", int64(want.Running))
		put(part, "maxInQueue", int64(want.Queued))
		part["maxWaitInQueue"] = cmp.Or(want.Wait, "0s") // as the operator writes none
		requests[key] = part
		spec["requests"] = requests
	}}
}

// inner is a copy of an object within another; an empty one where there is none.
func inner(m object, key string) object {
	if part, ok := m[key].(object); ok {
		return maps.Clone(part)
	}
	return object{}
}
