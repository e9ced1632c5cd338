package kube

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/regctl/regctl/pkg/certs"
)

// fillTLS makes a CA and a certificate for the names by which pods call the registry.
// The CA's key stays in the secret, of which the pod sees the certificate and its key alone.
func (b *builder) fillTLS() (content map[string][]byte, note string, err error) {
	dir, err := os.MkdirTemp("", "regctl-")
	if err != nil {
		return nil, "", err
	}
	defer func() {
		if left := os.RemoveAll(dir); err == nil {
			err = left // a key must not stay behind unnoticed
		}
	}()
	files := map[string]string{}
	for _, name := range []string{"ca.crt", "ca.key", "tls.crt", "tls.key"} {
		files[name] = filepath.Join(dir, name)
	}
	o := certs.Options{Now: b.Now, Rand: b.Rand}
	ca, err := certs.CreateCA(certs.CAFiles{Cert: files["ca.crt"], Key: files["ca.key"]}, fmt.Sprintf("regctl-signer@%d", b.Now().Unix()), o)
	if err != nil {
		return nil, "", err
	}
	if _, err = ca.CreateServer(certs.PairFiles{Cert: files["tls.crt"], Key: files["tls.key"]}, b.names(), o); err != nil {
		return nil, "", err
	}
	content = map[string][]byte{}
	for name, path := range files {
		if content[name], err = os.ReadFile(path); err != nil {
			return nil, "", err
		}
	}
	note = fmt.Sprintf("its certificate is signed by a CA of its own; who uses the registry has to believe it:\n  %s | regctl trust add %s --ca -",
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
