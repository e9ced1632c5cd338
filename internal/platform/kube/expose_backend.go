package kube

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

// answer is what can be known from a workload.
type answer int

const (
	unknown answer = iota
	yes
	no
)

// backend is the workload behind a Service.
type backend struct {
	o      *cluster.Object
	name   string // deployment.apps/docker-registry
	tls    answer
	secret string // that holds its certificate, "" where that is not known
}

// backend finds the workload whose pods the Service selects; nil where there is none, or nobody may look.
func (e *Expose) backend(ctx context.Context, s *service) *backend {
	selector, _ := nested[object](s.o, "spec", "selector")
	if s.o == nil || len(selector) == 0 {
		return nil
	}
	if e.planned.workload != nil {
		return backendOf(e.planned.workload)
	}
	for _, kind := range []cluster.GVK{deployment(), daemonSet(), {Group: "apps", Version: "v1", Kind: "StatefulSet"}, {Group: "apps.openshift.io", Version: "v1", Kind: "DeploymentConfig"}} {
		served, err := e.Client.Has(kind)
		if err != nil || !served {
			continue
		}
		all, err := e.Client.List(ctx, kind, "")
		if err != nil {
			return nil
		}
		for i := range all {
			labels, _ := nested[object](&all[i], "spec", "template", "metadata", "labels")
			if selects(selector, labels) {
				return backendOf(&all[i])
			}
		}
	}
	return nil
}

func selects(selector, labels object) bool {
	for key, value := range selector {
		if labels[key] != value {
			return false
		}
	}
	return true
}

func backendOf(o *cluster.Object) *backend {
	b := &backend{o: o, name: cluster.RefOf(o).String(), tls: no}
	f := &found{workload: o}
	c := f.container()
	if c == nil {
		b.tls = unknown
		return b
	}
	set := settingsOf(c)
	cert := set.Certificate + set.ServeCert
	image, _ := c["image"].(string)
	switch {
	case cert != "" || set.LetsEncrypt.Given() || asksHTTPS(c):
		b.tls = yes
	case platform.OwnImage(image) && set.NoTLS != "true":
		b.tls = yes
	case c["envFrom"] != nil || set.ConfigFile.Given() || ownConfig(c):
		b.tls = unknown // a file says it
	}
	b.secret = f.secretAt(c, cert)
	return b
}

func asksHTTPS(c object) bool {
	for _, probe := range []string{"livenessProbe", "readinessProbe", "startupProbe"} {
		p, _ := c[probe].(object)
		get, _ := p["httpGet"].(object)
		if get["scheme"] == "HTTPS" {
			return true
		}
	}
	return false
}

// ownConfig tells whether the server's configuration, or its command line, is somebody's own.
func ownConfig(c object) bool {
	mounts, _ := c["volumeMounts"].(list)
	return c["args"] != nil || c["command"] != nil || slices.ContainsFunc(mounts, func(m any) bool {
		path, _ := m.(object)["mountPath"].(string)
		return strings.HasPrefix(path, "/etc/docker/registry") || strings.HasPrefix(path, "/etc/distribution")
	})
}

// secretAt names the Secret that is mounted where a file of the container is.
func (f *found) secretAt(c object, path string) (name string) {
	mounts, _ := c["volumeMounts"].(list)
	volumes, _ := nested[list](f.workload, "spec", "template", "spec", "volumes")
	for _, m := range mounts {
		m, _ := m.(object)
		at, _ := m["mountPath"].(string)
		for _, v := range volumes {
			v, _ := v.(object)
			secret, _ := v["secret"].(object)
			if path != "" && v["name"] == m["name"] && strings.HasPrefix(path, strings.TrimSuffix(at, "/")+"/") && secret != nil {
				name, _ = secret["secretName"].(string)
			}
		}
	}
	return name
}

// checkBackend refuses what cannot work with the registry as it is, which it returns; nil where that is not known.
func (e *Expose) checkBackend(ctx context.Context, s *service) (*backend, error) {
	b := e.backend(ctx, s)
	if b == nil {
		return nil, nil
	}
	again := fmt.Sprintf("regctl expose svc/%s -n %s", e.Service, e.Client.Namespace)
	if e.Host != "" {
		again += " --hostname " + e.Host
	}
	switch {
	case e.Kind != platform.Edge && b.tls == no:
		without := "; or terminate TLS at the ingress controller: " + again + " --edge --cert FILE --key FILE"
		if routes, err := e.byRoute(); err == nil && routes {
			without = "; or terminate TLS at the router: " + again + " --edge"
		}
		return b, hint.Errorf(b.secure(e.Client.Namespace)+without, "%s serves no TLS, which %s requires", b.name, e.Kind)
	case e.Kind == platform.Edge && b.tls == yes:
		return b, hint.Errorf(again+" --passthrough", "%s serves TLS, but --edge forwards plain HTTP", b.name)
	}
	return b, nil
}

// secure is the command that gives a registry a certificate.
func (b *backend) secure(namespace string) string {
	if b.o.GetLabels()["regctl.io/registry"] != "" {
		return fmt.Sprintf("regctl registry deploy %s -n %s --no-tls=false", b.o.GetName(), namespace)
	}
	return fmt.Sprintf("to add a certificate: regctl volume add %[1]s -n %[2]s -t secret --secret-name SECRET -m /certs && regctl env set %[1]s -n %[2]s REGISTRY_HTTP_TLS_CERTIFICATE=/certs/tls.crt REGISTRY_HTTP_TLS_KEY=/certs/tls.key", b.ref(), namespace)
}

// ref is the workload as commands are told it.
func (b *backend) ref() string { return strings.ToLower(b.o.GetKind()) + "/" + b.o.GetName() }
