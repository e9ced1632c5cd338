package openshift4

import (
	"cmp"
	"context"
	"fmt"
	"maps"
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
			return nil, hint.Errorf("check its operator: kubectl get clusteroperator image-registry", "%s: not found", configRef())
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
		State: c.Spec.ManagementState, Strategy: cmp.Or(c.Spec.RolloutStrategy, platform.RollingUpdate), Tolerations: c.Spec.Tolerations,
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

// checkStorage wants to know where the images are to be, where they are to be somewhere.
func (c *config) checkStorage(full platform.Spec, asked bool) error {
	kinds := c.kinds()
	switch {
	case full.Operator.State != platform.Managed || asked:
		return nil
	case len(kinds) > 1:
		return hint.BadUsage(fmt.Errorf("%s: must have one kind of storage, not %d: %s", configRef(), len(kinds), strings.Join(kinds, ", ")),
			"specify the one that contains the images: --storage pvc --claim-name NAME, or s3 with --s3-* flags, or emptydir")
	case len(kinds) == 0:
		return platform.ErrNoStorage
	}
	return nil
}
