package kube

import (
	"fmt"
	"slices"

	"github.com/regctl/regctl/pkg/certs"
)

// fillTLS makes a CA and a certificate for the names by which pods call the registry.
// The CA's key stays in the secret, of which the pod sees the certificate and its key alone.
func (b *builder) fillTLS() (content map[string][]byte, note string, err error) {
	content, err = certs.Bundle(fmt.Sprintf("regctl-signer@%d", b.Now().Unix()), b.names(), certs.Options{Now: b.Now, Rand: b.Rand})
	if err != nil {
		return nil, "", err
	}
	note = fmt.Sprintf("a CA of its own issued the registry's certificate; clients must trust this CA:\n  %s | regctl trust add %s --ca -",
		b.readSecret(b.s.TLS.Secret, "ca.crt"), b.host())
	return content, note, nil
}

// names are those that the certificate is valid for.
func (b *builder) names() []string {
	name, in := b.s.Name, b.s.Name+"."+b.Client.Namespace
	names := []string{in + ".svc", name, in, in + ".svc.cluster.local", "localhost", "127.0.0.1"}
	if ip := b.s.Workload.ClusterIP; ip != "" {
		names = append(names, ip)
	}
	if e := b.s.Exposure; e != nil && e.Host != "" && !slices.Contains(names, e.Host) {
		names = append(names, e.Host)
	}
	return names
}
