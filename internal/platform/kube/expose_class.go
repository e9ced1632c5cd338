package kube

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

// controller is an ingress controller that regctl knows how to ask for what it needs.
type controller struct {
	name        string // as --controller has it
	id          string // how the controller of its IngressClass begins
	note        string // what its admin must have allowed for passthrough
	passthrough map[string]string
	crd         *custom // passes TLS through by an object of its own instead of an Ingress
	edge        map[string]string
	reencrypt   func(t *target) map[string]string // nil: it cannot, or not by an Ingress
}

// custom is a kind of object of a controller's own.
type custom struct {
	gvk  []cluster.GVK // the groups that have had it, the newest first
	spec func(t *target) object
}

// controllers are those whose documentation says how: kubernetes/ingress-nginx,
// jcmoraisjr/haproxy-ingress, haproxytech/kubernetes-ingress, Traefik, Contour, Cilium, and NGINX's own.
// A push is one large request, so limits of a request's size are taken off where there are some.
func controllers() []controller {
	const nginx, haproxy = "nginx.ingress.kubernetes.io/", "haproxy-ingress.github.io/"
	return []controller{
		{
			name: "nginx", id: "k8s.io/ingress-nginx",
			note:        "ingress-nginx supports passthrough only with its option --enable-ssl-passthrough",
			passthrough: map[string]string{nginx + "ssl-passthrough": "true"},
			edge:        map[string]string{nginx + "proxy-body-size": "0", nginx + "proxy-request-buffering": "off"},
			reencrypt: func(t *target) map[string]string {
				return t.verified(map[string]string{nginx + "backend-protocol": "HTTPS"}, map[string]string{
					nginx + "proxy-ssl-secret": t.Client.Namespace + "/" + t.CASecret, nginx + "proxy-ssl-verify": "on",
					nginx + "proxy-ssl-name": t.inside(), nginx + "proxy-ssl-server-name": "on",
				})
			},
		},
		{
			name: "haproxy-ingress", id: "haproxy-ingress.github.io/controller",
			passthrough: map[string]string{haproxy + "ssl-passthrough": "true"},
			reencrypt: func(t *target) map[string]string {
				return t.verified(map[string]string{haproxy + "secure-backends": "true"}, map[string]string{
					haproxy + "secure-verify-ca-secret": t.CASecret, haproxy + "secure-verify-hostname": t.inside(), haproxy + "secure-sni": t.inside(),
				})
			},
		},
		{
			name: "haproxytech", id: "haproxy.org/ingress-controller",
			passthrough: map[string]string{"haproxy.org/ssl-passthrough": "true"},
			reencrypt: func(t *target) map[string]string {
				return t.verified(map[string]string{"haproxy.org/server-ssl": "true"}, map[string]string{"haproxy.org/server-ca": t.Client.Namespace + "/" + t.CASecret})
			},
		},
		{
			name: "traefik", id: "traefik.io/ingress-controller",
			crd:  &custom{gvk: []cluster.GVK{{Group: "traefik.io", Version: "v1alpha1", Kind: "IngressRouteTCP"}, {Group: "traefik.containo.us", Version: "v1alpha1", Kind: "IngressRouteTCP"}}, spec: (*target).traefik},
			edge: map[string]string{"traefik.ingress.kubernetes.io/router.entrypoints": "websecure", "traefik.ingress.kubernetes.io/router.tls": "true"},
		},
		{
			name: "contour", id: "projectcontour.io/",
			crd: &custom{gvk: []cluster.GVK{{Group: "projectcontour.io", Version: "v1", Kind: "HTTPProxy"}}, spec: (*target).contour},
		},
		{
			name: "cilium", id: "cilium.io/ingress-controller",
			passthrough: map[string]string{"ingress.cilium.io/tls-passthrough": "enabled"},
		},
		{
			name: "nginxinc", id: "nginx.org/ingress-controller",
			note: "NGINX's controller supports passthrough only with its option -enable-tls-passthrough",
			crd:  &custom{gvk: []cluster.GVK{{Group: "k8s.nginx.org", Version: "v1", Kind: "TransportServer"}}, spec: (*target).transportServer},
			edge: map[string]string{"nginx.org/client-max-body-size": "0"},
			reencrypt: func(t *target) map[string]string {
				return t.verified(map[string]string{"nginx.org/ssl-services": t.Service}, nil)
			},
		},
	}
}

// Controllers are the names of the ingress controllers that regctl knows.
func Controllers() (names []string) {
	for _, c := range controllers() {
		names = append(names, c.name)
	}
	return names
}

func (c controller) can(kind string) bool {
	switch kind {
	case platform.Passthrough:
		return c.passthrough != nil || c.crd != nil
	case platform.Reencrypt:
		return c.reencrypt != nil
	}
	return true
}

// verified adds what makes a controller check the registry's certificate, where there is a CA to check it with.
func (t *target) verified(base, check map[string]string) map[string]string {
	switch {
	case t.CASecret == "":
		t.warn("the ingress controller will not verify the registry's certificate: add --dest-ca-cert FILE")
	case check == nil:
		t.warn("this ingress controller cannot verify the registry's certificate: --dest-ca-cert has no effect")
	default:
		maps.Copy(base, check)
	}
	return base
}

// inside is the Service's name in the cluster, which the registry's own certificate has.
func (t *target) inside() string { return t.Service + "." + t.Client.Namespace + ".svc" }

// class is an IngressClass.
type class struct {
	name, controller string
	standard         bool // for what names none
}

// controller finds the ingress controller that is to do it, and the name of its class.
func (t *target) controller(ctx context.Context) (controller, string, error) {
	if t.Controller != "" && (t.Class != "" || t.Client.Offline()) {
		return t.known(controllerNamed(t.Controller), t.Class)
	}
	if t.Client.Offline() {
		return controller{}, "", hint.BadUsage(fmt.Errorf("the ingress controller is unknown without a cluster"), "add --controller "+strings.Join(Controllers(), ", ")+", or --gateway NAME")
	}
	classes, err := t.classes(ctx)
	if err != nil {
		return controller{}, "", err
	}
	if t.Controller != "" {
		c := controllerNamed(t.Controller)
		classes = slices.DeleteFunc(classes, func(k class) bool { return !strings.HasPrefix(k.controller, c.id) })
		if len(classes) == 0 { // an old one, which takes what names no class
			return t.known(c, "")
		}
	}
	k, err := t.choose(classes)
	if err != nil {
		return controller{}, "", err
	}
	c, _ := controllerOf(k.controller)
	return t.known(c, k.name)
}

// known refuses what a controller cannot do.
func (t *target) known(c controller, class string) (controller, string, error) {
	if !c.can(t.Kind) {
		return c, "", hint.Errorf("add --passthrough, --edge, or --type NodePort", "the ingress controller %s has no ingress setting for %s", c.name, t.Kind)
	}
	if t.Kind != platform.Passthrough && c.edge == nil && c.name == "" {
		t.warn("unknown ingress controller: large pushes fail if it limits the request size")
	}
	return c, class, nil
}

func (t *target) classes(ctx context.Context) (all []class, err error) {
	list, err := t.Client.List(ctx, cluster.GVK{Group: "networking.k8s.io", Version: "v1", Kind: "IngressClass"}, "")
	if err != nil {
		if hint.CodeOf(err) == hint.Denied {
			return nil, hint.New(err, "specify them: --controller nginx --ingress-class nginx")
		}
		return nil, err
	}
	for i := range list {
		id, _ := nested[string](&list[i], "spec", "controller")
		all = append(all, class{list[i].GetName(), id, list[i].GetAnnotations()["ingressclass.kubernetes.io/is-default-class"] == "true"})
	}
	return all, nil
}

// choose takes the named class, else the default one, else the only one that can do it.
func (t *target) choose(classes []class) (class, error) {
	var able []class
	for _, k := range classes {
		c, _ := controllerOf(k.controller)
		switch {
		case k.name == t.Class:
			return k, nil
		case c.can(t.Kind):
			able = append(able, k)
		}
	}
	for _, k := range able {
		if k.standard && t.Class == "" {
			return k, nil
		}
	}
	expose := fmt.Sprintf("regctl expose svc/%s -n %s", t.Service, t.Client.Namespace)
	switch {
	case t.Class != "" && len(classes) > 0:
		return class{}, hint.Errorf("add --ingress-class "+orList(classes), "ingressclass/%s: not found", t.Class)
	case len(classes) == 0:
		return class{}, hint.Errorf(expose+" --type NodePort (or LoadBalancer), or --gateway NAME, or install an ingress controller",
			"the cluster has no ingress class, so no controller can route %s to the registry", t.Host)
	case len(able) == 0:
		return class{}, hint.Errorf(expose+" --type NodePort (or LoadBalancer), or --edge with --cert and --key",
			"no ingress controller of the cluster has a setting for %s: %s", t.Kind, orList(classes))
	case len(able) > 1:
		return class{}, hint.Errorf("add --ingress-class "+orList(able), "several ingress classes are suitable, and none is the default")
	}
	return able[0], nil
}

func orList(classes []class) string {
	var names []string
	for _, k := range classes {
		names = append(names, k.name)
	}
	return strings.Join(names, " or ")
}

func controllerOf(id string) (controller, bool) {
	for _, c := range controllers() {
		if strings.HasPrefix(id, c.id) {
			return c, true
		}
	}
	return controller{}, false
}

func controllerNamed(name string) (found controller) {
	for _, c := range controllers() {
		if c.name == name {
			found = c
		}
	}
	return found
}
