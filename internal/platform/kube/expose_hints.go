package kube

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/certs"
)

// Next is what to type when the registry can be reached at an address. It warns where the
// registry's own certificate, which clients will see, is not for that address.
func (e *Expose) Next(ctx context.Context, address string) []string {
	trust, user := "regctl trust add "+address+" --ca CA.crt", " -u USER"
	routes, err := e.byRoute()
	routes = routes && err == nil
	b := e.behind(ctx)
	if routes && b != nil && b.asksTheCluster() {
		user = "" // the token of the kubeconfig
	}
	switch secret := e.certificate(ctx, b); {
	case e.Kind != platform.Edge && e.Kind != platform.Reencrypt:
		if secret == nil {
			break
		}
		e.checkNames(secret, address)
		if secretValue(secret, "ca.crt") != nil {
			trust = fmt.Sprintf(`kubectl get secret %s -n %s -o 'jsonpath={.data.ca\.crt}' | base64 -d | regctl trust add %s --ca -`, secret.GetName(), e.Client.Namespace, address)
		}
	case routes && e.Certificate == nil && e.TLSSecret == "":
		trust = "regctl trust add " + address + " --from-server" // the router's own
	}
	return []string{trust, "regctl login " + address + user}
}

// behind is the workload behind the Service, nil where that is not known.
func (e *Expose) behind(ctx context.Context) *backend {
	s, err := e.service(ctx)
	if err != nil {
		return nil
	}
	return e.backend(ctx, s)
}

// asksTheCluster tells whether the registry knows the cluster's users, as OpenShift's own image does.
func (b *backend) asksTheCluster() bool {
	c := (&found{workload: b.o}).container()
	set := settingsOf(c)
	image, _ := c["image"].(string)
	return set.Htpasswd == "" && (set.Auth == "" || set.Auth == platform.AuthOpenShift) && platform.OpenShiftImage(image)
}

// certificate is the Secret with the registry's certificate, nil where that is not known.
func (e *Expose) certificate(ctx context.Context, b *backend) *cluster.Object {
	if b == nil || b.secret == "" {
		return nil
	}
	e.workload = b.o.GetName()
	o, err := e.Client.Get(ctx, cluster.Ref{GVK: cluster.CoreKind("Secret"), Namespace: e.Client.Namespace, Name: b.secret})
	if err != nil {
		return nil
	}
	return o
}

func (e *Expose) checkNames(secret *cluster.Object, address string) {
	host := address
	if h, _, err := net.SplitHostPort(address); err == nil {
		host = h
	}
	for _, key := range []string{"tls.crt", "registry.crt"} {
		chain, err := certs.ParseChain(secretValue(secret, key))
		if err != nil || len(chain) == 0 {
			continue
		}
		if host != anyNode && chain[0].VerifyHostname(strings.Replace(host, "*", "any", 1)) != nil {
			e.warn("the certificate in secret/%s is not valid for %s, so clients will reject it; to replace it: regctl registry deploy %s -n %s --tls-certificate FILE --tls-key FILE",
				secret.GetName(), host, e.workload, e.Client.Namespace)
		}
		return
	}
}
