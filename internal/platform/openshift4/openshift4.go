// Package openshift4 is the registry of an OpenShift 4, which an operator runs: what is
// wanted of it is written into the operator's configuration and the image configuration
// of the cluster. What the operator makes of them is never touched.
package openshift4

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/kube"
	"github.com/regctl/regctl/pkg/hint"
)

type (
	object = map[string]any
	list   = []any
)

const (
	// Name is how the operator calls the registry's Deployment and Service.
	Name = "image-registry"
	// Namespace is where they are.
	Namespace = "openshift-image-registry"

	configNamespace = "openshift-config" // where the cluster's settings find ConfigMaps
	singleton       = "cluster"          // the name of each setting of the whole cluster
)

// Platform is an OpenShift 4, about the registry of its operator.
type Platform struct {
	Client  *cluster.Client
	Confirm func(question string) error // nil error: yes, do what loses images
	Warn    func(format string, args ...any)
	Say     func(format string, args ...any)
	Own     *kube.Platform // exposes other Services than the operator's
	Named   bool           // the namespace was named, not the context's
	Wait    bool           // for what has been exposed

	live *cluster.Object // the operator's configuration; nil: not read yet
}

var (
	_ platform.Platform = (*Platform)(nil)
	_ platform.Exposer  = (*Platform)(nil)
)

// ConfigKind is the kind of the operator's configuration.
func ConfigKind() cluster.GVK {
	return cluster.GVK{Group: "imageregistry.operator.openshift.io", Version: "v1", Kind: "Config"}
}

func configRef() cluster.Ref { return cluster.Ref{GVK: ConfigKind(), Name: singleton} }

// Is tells whether a name means the operator's registry: its own, or the one that registries
// have where none is given.
func Is(name string) bool { return name == Name || name == platform.DefaultName }

// Complete is what is wanted over what the operator's configuration says.
func (p *Platform) Complete(ctx context.Context, s platform.Spec) (platform.Spec, error) {
	if err := check(s); err != nil {
		return s, err
	}
	c, err := p.config(ctx)
	if err != nil {
		return s, err
	}
	base := c.spec()
	full := s.Over(base)
	if full.Operator == nil {
		full.Operator = &platform.Operator{}
	}
	full.Operator.State = platform.Managed
	if s.Operator != nil {
		full.Operator.State = cmp.Or(s.Operator.State, platform.Managed)
	}
	if err := c.checkStorage(full, s.Storage != nil); err != nil {
		return s, err
	}
	if err := p.fill(ctx, &full, s); err != nil {
		return s, err
	}
	return full, checkFull(full)
}

// fill puts the defaults in.
func (p *Platform) fill(ctx context.Context, full *platform.Spec, asked platform.Spec) error {
	if full.Workload == nil {
		full.Workload = &platform.Workload{}
	}
	if s3 := full.Storage; s3.Kind() == platform.KindS3 && s3.S3.Endpoint != "" {
		s3.S3.Region = cmp.Or(s3.S3.Region, "us-east-1") // wanted even where an endpoint makes it meaningless
	}
	mode, err := p.fillClaim(ctx, full)
	if err != nil {
		return err
	}
	named := asked.Operator != nil && asked.Operator.Strategy != ""
	switch alone := mode != "" && mode != many; {
	case alone:
		return fillAlone(full, mode, named)
	case !named && asked.Storage != nil:
		full.Operator.Strategy = platform.RollingUpdate
	}
	return nil
}

// fillAlone fills in how the one pod that can use a claim is replaced; named: that was said.
func fillAlone(full *platform.Spec, mode string, named bool) error {
	claim, o := full.Storage.PVC.Claim, full.Operator
	if named && o.Strategy == platform.RollingUpdate {
		return hint.BadUsage(fmt.Errorf("rollout strategy %s on the claim %s: it is %s, so a new pod cannot start before the old one stops", o.Strategy, claim, mode), "--rollout-strategy "+platform.Recreate+", or omit it")
	}
	o.Strategy = platform.Recreate
	if n := full.Workload.Replicas; n != nil && *n > 1 && o.State == platform.Managed {
		return hint.BadUsage(fmt.Errorf("%d replicas on the claim %s: it is %s, so only one pod can mount it", *n, claim, mode),
			"use --replicas 1, or shared storage: --storage s3, or pvc with --claim-mode "+many)
	}
	return nil
}

// Plan is what the operator needs, and then its configuration.
func (p *Platform) Plan(ctx context.Context, s platform.Spec) ([]plan.Change, error) {
	c, err := p.config(ctx)
	if err != nil {
		return nil, err
	}
	if err := p.ask(c, s); err != nil {
		return nil, err
	}
	changes, err := p.storage(ctx, s.Storage)
	if err != nil {
		return nil, err
	}
	edits := c.edits(s)
	if e := s.Exposure; e != nil {
		w, err := p.way(ctx, c, *e)
		if err != nil {
			return nil, err
		}
		changes, edits = append(changes, w.before...), append(edits, w.edit)
	}
	return append(changes, p.edit(edits)), nil
}

// ask asks before images are lost or left behind.
func (p *Platform) ask(c *config, s platform.Spec) error {
	if s.Operator.State == platform.Removed {
		return p.Confirm(c.removal())
	}
	was := c.storage()
	there := len(c.kinds()) > 0
	if !there || s.Storage == nil || was.Place() == s.Storage.Place() {
		return nil
	}
	kept := "they are kept, but the registry no longer serves them"
	if was.Kind() == platform.KindEmptyDir {
		kept = "they are lost"
	}
	return p.Confirm(fmt.Sprintf("the images are in %s and are not copied to %s: %s; continue?", was.Place(), s.Storage.Place(), kept))
}

// removal is what a removal of the registry means, as a question.
func (c *config) removal() string {
	lost := "Kept: the images in " + c.storage().Place() + "."
	switch {
	case len(c.kinds()) == 0:
		lost = "The registry has no storage."
	case c.storage().Kind() == platform.KindEmptyDir:
		lost = "Lost: the images in the pod."
	case c.Status.StorageManaged:
		lost = "Lost: the images, if the operator deletes " + c.storage().Place() + ", which it created."
	}
	return "remove the registry of the whole cluster? " + lost +
		" Builds and deployments that use it fail, its routes are deleted, and the pull secrets that the cluster created for service accounts are deleted"
}

// edit is the change of the operator's configuration.
func (p *Platform) edit(edits []func(spec object)) plan.Change {
	return &change.Edit{Client: p.Client, Ref: configRef(), Hide: hideHTTPSecret, Do: func(o *cluster.Object) error {
		spec, _ := o.Object["spec"].(object)
		if spec == nil {
			spec = object{}
			o.Object["spec"] = spec
		}
		for _, e := range edits {
			e(spec)
		}
		return nil
	}}
}

// Delete is the change after which the operator has removed the registry; it asks first. It is not
// by the name that registries have where none is given: a script that cleans up after a registry of
// its own must not take everybody's away.
func (p *Platform) Delete(ctx context.Context, name string, data bool) ([]plan.Change, error) {
	if !Is(name) {
		return nil, hint.BadUsage(fmt.Errorf("registry %s: %w: the operator manages one registry", name, platform.ErrUnsupported), "omit --platform")
	}
	if data {
		return nil, hint.BadUsage(fmt.Errorf("--delete-claims and --delete-secrets: %w: the operator manages the claims and secrets", platform.ErrUnsupported), "omit them, then list the remaining objects and delete them: kubectl get pvc,secrets -n "+Namespace)
	}
	c, err := p.config(ctx)
	if err != nil {
		return nil, err
	}
	if c.Spec.ManagementState != platform.Removed {
		if err := p.Confirm(c.removal()); err != nil {
			return nil, err
		}
	}
	return []plan.Change{p.edit([]func(object){func(spec object) { spec["managementState"] = platform.Removed }})}, nil
}

// hideHTTPSecret keeps the key with which uploads are signed out of a diff.
func hideHTTPSecret(live, want []byte) (shownLive, shownWant []byte) {
	hide := func(document []byte) []byte {
		var o object
		if json.Unmarshal(document, &o) != nil {
			return document
		}
		spec, _ := o["spec"].(object)
		if spec["httpSecret"] == nil {
			return document
		}
		spec["httpSecret"] = "*** (hidden)"
		hidden, err := json.Marshal(o)
		if err != nil {
			return document
		}
		return hidden
	}
	return hide(live), hide(want)
}
