package kube

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform/route"
)

// certificates are the secrets by which an ingress controller gets what was given; they
// are the registry's, and go with its other secrets.
func (e *Expose) certificates(s *service) (changes []plan.Change) {
	name := cmp.Or(e.Name, e.Service)
	add := func(name, kind string, data map[string][]byte) string {
		o := &cluster.Object{Object: object{"apiVersion": "v1", "kind": "Secret", "type": kind, "data": encoded(data)}}
		o.SetName(name)
		o.SetNamespace(e.Client.Namespace)
		o.SetLabels(map[string]string{mark: e.registry(s)})
		changes = append(changes, &change.Apply{Client: e.Client, Object: o, Concern: route.Concern, Force: e.Force})
		return name
	}
	if e.Certificate != nil {
		e.TLSSecret = add(name+"-ingress-tls", "kubernetes.io/tls", map[string][]byte{"tls.crt": chained(e.Certificate, e.Chain), "tls.key": e.Key})
	}
	if e.BackendCA != nil {
		e.CASecret = add(name+"-backend-ca", "Opaque", map[string][]byte{"ca.crt": e.BackendCA, "tls.crt": e.BackendCA}) // controllers differ in the key
	}
	return changes
}

// chained is a certificate with those that lead to its CA.
func chained(cert, chain []byte) []byte {
	if len(chain) == 0 {
		return cert
	}
	return slices.Concat(bytes.TrimSpace(cert), []byte("\n"), chain)
}
