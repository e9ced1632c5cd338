package openshift4

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

// config is what is read of configs.imageregistry.operator.openshift.io/cluster.
type config struct {
	Spec struct {
		ManagementState string
		Replicas        *int32
		RolloutStrategy string
		NodeSelector    map[string]string
		Tolerations     []platform.Toleration
		Resources       *struct{ Requests, Limits object }
		Requests        struct{ Read, Write platform.Queue }
		ReadOnly        bool
		DisableRedirect bool
		DefaultRoute    bool
		Routes          []namedRoute
		Storage         object
	}
	Status struct {
		StorageManaged bool
		ReadyReplicas  int32
		Conditions     []Condition
	}
}

// namedRoute is one of the routes beside the default one.
type namedRoute struct{ Name, Hostname, SecretName string }

// Condition is what an operator says about one side of its state.
type Condition struct {
	Type    string `json:"type"`
	Status  string `json:"status"` // True, False or Unknown
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`
}

// config reads the operator's configuration, once; offline it is empty.
func (p *Platform) config(ctx context.Context) (*config, error) {
	if p.live == nil && !p.Client.Offline() {
		var err error
		if p.live, err = p.Client.Get(ctx, configRef()); err != nil {
			return nil, err
		}
		if p.live == nil {
			return nil, hint.Errorf("see what has become of its operator: kubectl get clusteroperator image-registry", "%s: not found", configRef())
		}
	}
	if p.live == nil {
		return &config{}, nil
	}
	return cluster.Decode[config](p.live)
}

// spec is the configuration in the words of a Spec.
func (c *config) spec() platform.Spec {
	s := platform.Spec{Storage: c.storage()}
	if c.Spec.ManagementState == "" { // offline
		return s
	}
	s.Workload = &platform.Workload{Replicas: c.Spec.Replicas, NodeSelector: c.Spec.NodeSelector}
	o := &platform.Operator{
		State: c.Spec.ManagementState, Strategy: c.Spec.RolloutStrategy, Tolerations: c.Spec.Tolerations,
		Reads: queue(c.Spec.Requests.Read), Writes: queue(c.Spec.Requests.Write),
	}
	if c.Spec.ReadOnly {
		o.ReadOnly = new(true)
	}
	if c.Spec.DisableRedirect {
		o.DisableRedirect = new(true)
	}
	if r := c.Spec.Resources; r != nil {
		o.Resources = &platform.Resources{Requests: texts(r.Requests), Limits: texts(r.Limits)}
	}
	s.Operator = o
	return s
}

// queue is nil where nothing is limited.
func queue(q platform.Queue) *platform.Queue {
	if q.Running == 0 && q.Queued == 0 {
		return nil
	}
	return &q
}

// texts are quantities, which may be written as numbers.
func texts(m object) map[string]string {
	if m == nil {
		return nil
	}
	out := map[string]string{}
	for key, value := range m {
		out[key] = fmt.Sprint(value)
	}
	return out
}

// kinds are the kinds of storage that are configured, in the operator's words, sorted.
func (c *config) kinds() []string { return kindsIn(c.Spec.Storage) }

func kindsIn(storage object) []string {
	kinds := slices.Collect(maps.Keys(storage))
	kinds = slices.DeleteFunc(kinds, func(key string) bool { return key == "managementState" || storage[key] == nil })
	slices.Sort(kinds)
	return kinds
}

// storage is where the images are; nil where it is of no kind, of several, or of one that a Spec cannot say.
func (c *config) storage() *platform.Storage {
	kinds := c.kinds()
	if len(kinds) != 1 {
		return nil
	}
	part, _ := c.Spec.Storage[kinds[0]].(object)
	text := func(key string) string {
		s, _ := part[key].(string)
		return s
	}
	switch kinds[0] {
	case "emptyDir":
		return &platform.Storage{EmptyDir: &platform.EmptyDir{}}
	case "pvc":
		claim := text("claim")
		if claim == "" { // the operator is about to make it
			claim = defaultClaim
		}
		return &platform.Storage{PVC: &platform.PVC{Claim: claim}}
	case "s3":
		return &platform.Storage{S3: &platform.S3{Bucket: text("bucket"), Region: text("region"), Endpoint: text("regionEndpoint")}}
	}
	return nil
}

// checkStorage wants to know where the images are to be, where they are to be somewhere.
func (c *config) checkStorage(full platform.Spec, asked bool) error {
	kinds := c.kinds()
	switch {
	case full.Operator.State != platform.Managed || asked:
		return nil
	case len(kinds) > 1:
		return hint.BadUsage(fmt.Errorf("%s: %d kinds of storage are configured, must be one: %s", configRef(), len(kinds), strings.Join(kinds, ", ")),
			"name the one that has the images: --storage pvc --claim-name NAME, or s3 with its --s3- flags, or emptydir")
	case len(kinds) == 0:
		return platform.ErrNoStorage
	}
	return nil
}

// edits are what has to be changed in the configuration so that it says what a complete
// Spec says. What it says already is left out: somebody may be changing it.
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
