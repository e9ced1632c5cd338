package kube

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

const gatewayGroup = "gateway.networking.k8s.io"

func ingressKind() cluster.GVK {
	return cluster.GVK{Group: "networking.k8s.io", Version: "v1", Kind: "Ingress"}
}

// made is an object of the target's name and labels.
func (t *target) made(gvk cluster.GVK, annotations map[string]string, spec object) *cluster.Object {
	o := &cluster.Object{Object: object{"spec": spec}}
	o.SetGroupVersionKind(gvk)
	o.SetName(cmp.Or(t.Name, t.Service))
	o.SetNamespace(t.Client.Namespace)
	if len(t.labels) > 0 {
		o.Object["metadata"].(object)["labels"] = t.labels
	}
	if len(annotations) > 0 {
		o.SetAnnotations(annotations)
	}
	return o
}

func (t *target) ingress(c controller) *cluster.Object {
	notes := map[string]string{}
	spec := object{"rules": list{object{"host": t.Host, "http": object{"paths": list{object{
		"path": cmp.Or(t.Path, "/"), "pathType": "Prefix",
		"backend": object{"service": object{"name": t.Service, "port": object{"number": t.port.number}}},
	}}}}}}
	if t.Class != "" {
		spec["ingressClassName"] = t.Class
	}
	switch t.Kind {
	case platform.Passthrough:
		maps.Copy(notes, c.passthrough)
	case platform.Reencrypt:
		maps.Copy(notes, c.edge)
		maps.Copy(notes, c.reencrypt(t))
	default:
		maps.Copy(notes, c.edge)
	}
	if t.Kind != platform.Passthrough {
		spec["tls"] = list{object{"hosts": list{t.Host}, "secretName": t.TLSSecret}}
	}
	return t.made(ingressKind(), notes, spec)
}

// custom is the object by which a controller passes TLS through that does not do so by an Ingress.
func (t *target) custom(c controller) (*cluster.Object, error) {
	if t.Client.Offline() {
		return t.made(c.crd.gvk[0], nil, c.crd.spec(t)), nil
	}
	for _, gvk := range c.crd.gvk {
		gvk, served, err := t.Client.Installed(gvk.Group, gvk.Kind)
		if err != nil {
			return nil, err
		}
		if served {
			return t.made(gvk, nil, c.crd.spec(t)), nil
		}
	}
	return nil, hint.Errorf("install the controller's CRDs, or add --edge --cert FILE --key FILE, or --type NodePort",
		"%s requires the kind %s for passthrough, which the cluster does not serve", c.name, c.crd.gvk[0].Kind)
}

func (t *target) traefik() object {
	return object{
		"entryPoints": list{"websecure"}, "tls": object{"passthrough": true},
		"routes": list{object{"match": fmt.Sprintf("HostSNI(`%s`)", t.Host), "services": list{object{"name": t.Service, "port": t.port.number}}}},
	}
}

func (t *target) contour() object {
	spec := object{
		"virtualhost": object{"fqdn": t.Host, "tls": object{"passthrough": true}},
		"tcpproxy":    object{"services": list{object{"name": t.Service, "port": t.port.number}}},
	}
	if t.Class != "" {
		spec["ingressClassName"] = t.Class
	}
	return spec
}

func (t *target) transportServer() object {
	spec := object{
		"listener": object{"name": "tls-passthrough", "protocol": "TLS_PASSTHROUGH"}, "host": t.Host,
		"upstreams": list{object{"name": "registry", "service": t.Service, "port": t.port.number}}, "action": object{"pass": "registry"},
	}
	if t.Class != "" {
		spec["ingressClassName"] = t.Class
	}
	return spec
}

// tlsRoute leads from a listener of a Gateway to the Service.
func (t *target) tlsRoute(ctx context.Context) (*cluster.Object, error) {
	gvk, err := t.tlsRouteKind()
	if err != nil {
		return nil, err
	}
	name, listener, _ := strings.Cut(t.Gateway, ":")
	parent := object{"name": name}
	namespace, inner, foreign := strings.Cut(name, "/")
	if !foreign {
		namespace, inner = t.Client.Namespace, name
	} else {
		parent["name"], parent["namespace"] = inner, namespace
	}
	if listener != "" {
		parent["sectionName"] = listener
	}
	if err := t.gateway(ctx, namespace, inner, listener); err != nil {
		return nil, err
	}
	return t.made(gvk, nil, object{
		"parentRefs": list{parent}, "hostnames": list{t.Host},
		"rules": list{object{"backendRefs": list{object{"name": t.Service, "port": t.port.number}}}},
	}), nil
}

func (t *target) tlsRouteKind() (cluster.GVK, error) {
	if t.Client.Offline() {
		return cluster.GVK{Group: gatewayGroup, Version: "v1", Kind: "TLSRoute"}, nil
	}
	gvk, served, err := t.Client.Installed(gatewayGroup, "TLSRoute")
	if err == nil && !served {
		err = hint.Errorf("install the CRDs of the Gateway API (TLSRoute is standard since v1.5), or use --type NodePort", "--gateway: the cluster does not serve TLSRoute")
	}
	return gvk, err
}

// gateway sees that there is a listener which passes TLS through.
func (t *target) gateway(ctx context.Context, namespace, name, listener string) error {
	if t.Client.Offline() {
		return nil
	}
	gvk, served, err := t.Client.Served(gatewayGroup, "Gateway")
	if err != nil || !served {
		return err
	}
	o, err := t.Client.Get(ctx, cluster.Ref{GVK: gvk, Namespace: namespace, Name: name})
	if err != nil {
		if hint.CodeOf(err) == hint.Denied {
			return nil // it may well be there
		}
		return err
	}
	if o == nil {
		return hint.Errorf("kubectl get gateways -A", "gateway/%s: not found in namespace %s", name, namespace)
	}
	listeners, _ := nested[list](o, "spec", "listeners")
	for _, l := range listeners {
		l, _ := l.(object)
		tls, _ := l["tls"].(object)
		if l["protocol"] == "TLS" && tls["mode"] == "Passthrough" && (listener == "" || l["name"] == listener) {
			return nil
		}
	}
	t.warn("gateway/%s has no listener%s with protocol TLS and mode Passthrough: it will not accept the route", name, strings.TrimSuffix(" "+listener, " "))
	return nil
}
