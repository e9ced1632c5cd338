package platformtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

// Feature is one thing that a Spec may ask for.
type Feature struct {
	Name string // for people: "storage: pvc"
	Spec platform.Spec
}

// Features are the things that may be asked of any platform, each alone: the storage of a
// Feature that says none is the first one that the platform has.
func Features() []Feature {
	features := make([]Feature, 0, 32)
	for _, kind := range platform.Kinds() {
		features = append(features, Feature{"storage: " + kind, platform.Spec{Storage: storages()[kind]}})
	}
	return append(features,
		Feature{"an existing claim or volume", platform.Spec{Storage: &platform.Storage{PVC: &platform.PVC{Claim: "images"}}}},
		Feature{"a custom image", platform.Spec{Workload: &platform.Workload{Image: "example.com/registry:1"}}},
		Feature{"several replicas", platform.Spec{Workload: &platform.Workload{Replicas: new(int32(2))}}},
		Feature{"a daemon set", platform.Spec{Workload: &platform.Workload{DaemonSet: new(true)}}},
		Feature{"node selector", platform.Spec{Workload: &platform.Workload{NodeSelector: map[string]string{"region": "infra"}}}},
		Feature{"ports", platform.Spec{Workload: &platform.Workload{Ports: []platform.Port{{Container: 5001}}}}},
		Feature{"labels", platform.Spec{Workload: &platform.Workload{Labels: map[string]string{"app": "r"}}}},
		Feature{"fixed cluster IP", platform.Spec{Workload: &platform.Workload{ClusterIP: "10.0.0.9"}}},
		Feature{"storage group", platform.Spec{Workload: &platform.Workload{FSGroup: new(int64(7))}}},
		Feature{"a generated certificate", platform.Spec{TLS: &platform.TLS{}}},
		Feature{"plain HTTP", platform.Spec{TLS: &platform.TLS{Off: true}}},
		Feature{"password file", platform.Spec{Auth: &platform.Auth{Kind: platform.AuthHtpasswd}}},
		Feature{"anonymous access", platform.Spec{Auth: &platform.Auth{Kind: platform.AuthNone}}},
		Feature{"the cluster's users", platform.Spec{Auth: &platform.Auth{Kind: platform.AuthOpenShift}}},
		Feature{"exposure: passthrough", platform.Spec{TLS: &platform.TLS{}, Exposure: &platform.Exposure{Host: "r.example.com", Kind: platform.Passthrough, Controller: "nginx"}}},
		Feature{"exposure: nodeport", platform.Spec{Exposure: &platform.Exposure{Kind: platform.NodePort}}},
		Feature{"exposure: loadbalancer", platform.Spec{Exposure: &platform.Exposure{Kind: platform.LoadBalancer}}},
	)
}

func storages() map[string]*platform.Storage {
	return map[string]*platform.Storage{
		"emptydir": {EmptyDir: &platform.EmptyDir{}},
		"hostpath": {HostPath: &platform.HostPath{Path: "/srv/registry"}},
		"pvc":      {PVC: &platform.PVC{Claim: "images", Size: "10Gi"}},
		"nfs":      {NFS: &platform.NFS{Server: "files.example.com", Path: "/images"}},
		"s3":       {S3: &platform.S3{Bucket: "images", Region: "eu-west-1"}},
		"azure":    {Azure: &platform.Azure{Account: "registry", Container: "images"}},
		"gcs":      {GCS: &platform.GCS{Bucket: "images"}},
	}
}

// shared are storages that several pods can use, in the order in which a platform's first one is looked for.
func shared() []*platform.Storage {
	return []*platform.Storage{
		storages()["nfs"],
		{PVC: &platform.PVC{Claim: "images", Size: "10Gi", Mode: "ReadWriteMany"}},
		storages()["s3"],
	}
}

// Of is the whole Spec of a Feature, with storage that the platform has.
func (p Feature) Of(ctx context.Context, empty func() platform.Platform) (platform.Spec, error) {
	s := p.Spec
	s.Name = platform.DefaultName
	if s.Storage != nil {
		_, err := empty().Complete(ctx, s)
		if err != nil && !errors.Is(err, platform.ErrUnsupported) { // regctl's own image has no driver for GCS
			s.Workload = &platform.Workload{Image: "registry:3"}
		}
		return s, nil
	}
	for _, storage := range shared() {
		if _, err := planned(ctx, empty(), platform.Spec{Name: s.Name, Storage: storage}); err == nil {
			s.Storage = storage
			return s, nil
		} else if !errors.Is(err, platform.ErrUnsupported) {
			return s, err
		}
	}
	return s, errors.New("no storage that several pods can share")
}

// Supports tells whether a platform can do a Feature, and if not, what to use instead. Any
// other failure than platform.ErrUnsupported is an error.
func Supports(ctx context.Context, empty func() platform.Platform, feature Feature) (yes bool, instead string, err error) {
	s, err := feature.Of(ctx, empty)
	if err != nil {
		return false, "", err
	}
	_, err = planned(ctx, empty(), s)
	if errors.Is(err, platform.ErrUnsupported) {
		return false, hint.Of(err), nil
	}
	if err != nil {
		return false, "", fmt.Errorf("%s: %w", feature.Name, err)
	}
	return true, "", nil
}
