package kube

import (
	"testing"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/stretchr/testify/require"
)

func TestControllerOf(t *testing.T) {
	for id, want := range map[string]string{
		"k8s.io/ingress-nginx": "nginx", "haproxy.org/ingress-controller/prod": "haproxytech", "haproxy-ingress.github.io/controller/staging": "haproxy-ingress",
		"traefik.io/ingress-controller": "traefik", "projectcontour.io/ingress-controller": "contour", "cilium.io/ingress-controller": "cilium",
		"nginx.org/ingress-controller": "nginxinc", "ingress.k8s.aws/alb": "", "": "",
	} {
		c, known := controllerOf(id)
		require.Equal(t, want, c.name, id)
		require.Equal(t, want != "", known, id)
	}
}

func TestChooseClass(t *testing.T) {
	nginx, traefik := class{"nginx", "k8s.io/ingress-nginx", false}, class{"traefik", "traefik.io/ingress-controller", true}
	alb := class{"alb", "ingress.k8s.aws/alb", true}
	for _, c := range []struct {
		kind, asked string
		classes     []class
		want, wrong string
	}{
		{platform.Passthrough, "", []class{nginx}, "nginx", ""},
		{platform.Passthrough, "", []class{nginx, traefik}, "traefik", ""}, // the default
		{platform.Passthrough, "", []class{nginx, alb}, "nginx", ""},       // the default cannot
		{platform.Edge, "", []class{nginx, alb}, "alb", ""},
		{platform.Reencrypt, "", []class{nginx, traefik}, "nginx", ""},
		{platform.Passthrough, "alb", []class{nginx, alb}, "alb", ""}, // refused later
		{platform.Passthrough, "gone", []class{nginx}, "", "ingressclass/gone: not found"},
		{platform.Passthrough, "", []class{alb}, "", "has a setting for passthrough"},
		{platform.Passthrough, "", nil, "", "no ingress class"},
		{platform.Passthrough, "", []class{nginx, {"other", nginx.controller, false}}, "", "several ingress classes"},
	} {
		target := &target{Expose: &Expose{Client: &cluster.Client{}, Exposure: platform.Exposure{Kind: c.kind, Class: c.asked}}}
		got, err := target.choose(c.classes)
		if c.wrong != "" {
			require.ErrorContains(t, err, c.wrong)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, c.want, got.name)
	}
}

func TestChoosePort(t *testing.T) {
	one := []servicePort{{"web", 443, 0, nil}}
	several := []servicePort{{"metrics", 5001, 0, nil}, {"5000-tcp", 5000, 0, nil}}
	strange := []servicePort{{"a", 1, 0, nil}, {"b", 2, 0, nil}}
	for _, c := range []struct {
		asked string
		ports []servicePort
		want  int64 // 0: refused
	}{
		{"", one, 443}, {"web", one, 443}, {"443", one, 443}, {"80", one, 0}, {"http", one, 0},
		{"", several, 5000}, {"metrics", several, 5001}, {"5001", several, 5001}, {"", strange, 0}, {"-1", one, 0}, {"70000", one, 0},
	} {
		got, err := (&Expose{Service: "x", Exposure: platform.Exposure{Port: c.asked}}).choosePort(&service{o: &cluster.Object{}, ports: c.ports})
		require.Equal(t, c.want == 0, err != nil, "%+v", c)
		require.Equal(t, c.want, got.number, "%+v", c)
	}
}

func TestBackendTLS(t *testing.T) {
	env := func(name, value string) object { return object{"name": name, "value": value} }
	for what, c := range map[string]struct {
		container object
		want      answer
	}{
		"a plain one":            {object{"image": "registry:2"}, no},
		"a certificate":          {object{"env": list{env("REGISTRY_HTTP_TLS_CERTIFICATE", "/etc/secrets/tls.crt")}}, yes},
		"one from elsewhere":     {object{"env": list{object{"name": "REGISTRY_HTTP_TLS_CERTIFICATE", "valueFrom": object{}}}}, yes},
		"an empty one":           {object{"env": list{env("REGISTRY_HTTP_TLS_CERTIFICATE", "")}}, no},
		"probes that ask HTTPS":  {object{"livenessProbe": object{"httpGet": object{"scheme": "HTTPS"}}}, yes},
		"regctl":                 {object{"image": "regctl/regctl:1"}, yes},
		"regctl without TLS":     {object{"image": "regctl/regctl:1", "env": list{env("REGCTL_SERVE_NO_TLS", "true")}}, no},
		"variables from outside": {object{"envFrom": list{object{}}}, unknown},
		"its own configuration":  {object{"volumeMounts": list{object{"name": "c", "mountPath": "/etc/docker/registry/config.yml"}}}, unknown},
		"its own command":        {object{"args": list{"serve", "/my.yml"}}, unknown},
	} {
		o := &cluster.Object{Object: object{"kind": "Deployment", "spec": object{"template": object{"spec": object{
			"containers": list{c.container}, "volumes": list{object{"name": "certs", "secret": object{"secretName": "mine"}}},
		}}}}}
		require.Equal(t, c.want, backendOf(o).tls, what)
	}
}

func TestSecretOfTheCertificate(t *testing.T) {
	o := &cluster.Object{Object: object{"kind": "Deployment", "spec": object{"template": object{"spec": object{
		"containers": list{object{
			"env":          list{object{"name": "REGISTRY_HTTP_TLS_CERTIFICATE", "value": "/etc/secrets/tls.crt"}},
			"volumeMounts": list{object{"name": "data", "mountPath": "/registry"}, object{"name": "certs", "mountPath": "/etc/secrets"}},
		}},
		"volumes": list{object{"name": "data", "emptyDir": object{}}, object{"name": "certs", "secret": object{"secretName": "mine"}}},
	}}}}}
	require.Equal(t, "mine", backendOf(o).secret)
}
