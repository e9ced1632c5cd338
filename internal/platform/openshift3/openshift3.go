// Package openshift3 runs a registry in OpenShift 3 as "oadm registry" does: by a
// DeploymentConfig, with OpenShift's image, under security context constraints. What is
// not named here is as package kube does it everywhere.
package openshift3

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/kube"
	"github.com/regctl/regctl/internal/policy"
	"github.com/regctl/regctl/pkg/hint"
)

// New is the platform of an OpenShift 3; what p says of the client, of questions and of
// randomness counts, its image does not.
func New(p kube.Platform) *kube.Platform {
	p.Image, p.OpenShift = "", 3
	p.Flavor = flavor{&p}
	return &p
}

// Config is the kind of workload that OpenShift had before Kubernetes had Deployments.
func Config() cluster.GVK {
	return cluster.GVK{Group: "apps.openshift.io", Version: "v1", Kind: "DeploymentConfig"}
}

type flavor struct{ *kube.Platform }

var _ kube.Flavor = flavor{}

// Kinds has the Deployment too: a registry of the platform kubernetes is replaced, not doubled.
func (flavor) Kinds() []cluster.GVK {
	apps := func(kind string) cluster.GVK { return cluster.GVK{Group: "apps", Version: "v1", Kind: kind} }
	return []cluster.GVK{Config(), apps("DaemonSet"), apps("Deployment")}
}

// Fill puts in what "oadm registry" has as defaults. The registry speaks plain HTTP until
// it is given a certificate, and OpenShift's image authenticates users with the cluster.
func (f flavor) Fill(ctx context.Context, s *platform.Spec, live kube.Live) error {
	w := s.Workload
	version := ""
	if w.Image == "" || w.Template != nil {
		var err error
		if version, err = f.version(ctx); err != nil {
			return err
		}
	}
	kube.ExpandImage(w, images, version)
	if w.EnforceQuota == nil && live.Settings().Quota == "true" {
		w.EnforceQuota = new(true)
	}
	if e := s.Exposure; s.TLS == nil { // what lets TLS through to the registry needs it there
		s.TLS = &platform.TLS{Off: e == nil || e.OfService() || e.Kind == platform.Edge}
	}
	if s.TLS.Certificate != nil && s.Name == platform.DefaultName {
		s.TLS.Secret = cmp.Or(s.TLS.Secret, "registry-certs")
	}
	if s.Auth == nil {
		s.Auth = &platform.Auth{Kind: platform.AuthOpenShift}
		if platform.OwnImage(w.Image) {
			s.Auth.Kind = platform.AuthHtpasswd
		}
	}
	return nil
}

// Check refuses what the image cannot do.
func (flavor) Check(s platform.Spec) error {
	image, kind := s.Workload.Image, s.Auth.Kind
	switch own := platform.OwnImage(image); {
	case own && kind == platform.AuthOpenShift:
		return hint.BadUsage(fmt.Errorf("auth %s: %w: %s, regctl's own image, does not check permissions with the cluster", kind, platform.ErrUnsupported, image), "--auth "+platform.AuthHtpasswd)
	case openShifts(image) && kind != platform.AuthOpenShift:
		return hint.BadUsage(fmt.Errorf("auth %s: %w: %s always authenticates users with the cluster", kind, platform.ErrUnsupported, image),
			"--auth "+platform.AuthOpenShift+", or regctl's own image, which has a password file: --image regctl/regctl:TAG")
	}
	return nil
}

// openShifts tells whether an image is OpenShift's, by its name: origin-docker-registry, ose-docker-registry.
func openShifts(image string) bool {
	return strings.HasSuffix(strings.TrimSuffix(image, ":"+platform.Tag(image)), "-docker-registry")
}

// Warn says what is not safe, and what to type to make it so.
func (f flavor) Warn(s platform.Spec, live kube.Live) {
	here := s.Name + " -n " + f.Client.Namespace
	was := live.Storage().Kind()
	if s.Storage.Kind() == platform.KindNFS && was != platform.KindNFS {
		f.Platform.Warn("scc/restricted does not allow pods to mount NFS; use a persistent volume claim, or run: regctl policy add-scc-to-user hostmount-anyuid -z %s -n %s", s.Workload.ServiceAccount, f.Client.Namespace)
	}
	if s.Storage.Kind() == platform.KindHostPath && was != platform.KindHostPath {
		f.Platform.Warn("the directory must be writable by user 1001 on each node that runs the pods: sudo install -d -o 1001 %s", s.Storage.HostPath.Path)
	}
	if s.TLS.Off && !live.There() {
		f.Platform.Warn("the registry serves plain HTTP: tokens and images can be intercepted; to create a CA and a certificate: regctl registry deploy %[1]s --no-tls=false; to use a certificate issued by the cluster's CA (regctl ca create-server-cert --help): regctl registry deploy %[1]s --tls-certificate registry.crt --tls-key registry.key", here)
	}
	if w := s.Workload; w.EnforceQuota != nil && *w.EnforceQuota && platform.OwnImage(w.Image) {
		f.Platform.Warn("--enforce-quota has no effect with regctl's own image: only OpenShift's image enforces quotas")
	}
}

// Rights are the permissions that OpenShift's image requires in the cluster, and the constraint of privileged pods.
func (f flavor) Rights(ctx context.Context, s platform.Spec, live kube.Live) ([]plan.Change, error) {
	account := s.Workload.ServiceAccount
	var all []plan.Change
	if s.Auth.Kind == platform.AuthOpenShift {
		name := s.Name
		if name == platform.DefaultName {
			name = "registry"
		}
		binding, err := policy.Binding{
			Role: "system:registry", Name: "registry-" + name + "-role", Everywhere: true,
			Subjects: policy.Subjects{Accounts: []string{account}},
		}.Add(ctx, f.Client)
		if err != nil {
			return nil, err
		}
		all = append(all, binding)
	}
	if !privileged(s, live) {
		return all, nil
	}
	more, how, err := policy.AllowSCC(ctx, f.Client, "privileged", f.Client.Namespace, account)
	if err != nil {
		return nil, err
	}
	if !live.Privileged() {
		f.Platform.Warn("hostPath storage requires a privileged pod on OpenShift: serviceaccount/%s can run one %s", account, how)
	}
	return append(all, more...), nil
}

// Images are OpenShift's and regctl's own.
func (flavor) Images() []bool { return []bool{true, false} }

// Budgets is no: oadm makes none, and an OpenShift 3 may not know them.
func (flavor) Budgets() bool { return false }
