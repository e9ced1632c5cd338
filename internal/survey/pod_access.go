package survey

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"slices"
	"strconv"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/pods"
	"github.com/regctl/regctl/internal/cluster/wait"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
	corev1 "k8s.io/api/core/v1"
)

// PodAccess is how a registry is spoken to from outside its cluster, through one of its pods.
type PodAccess struct {
	Pod       string
	Container string
	Image     string
	Port      int      // that the pod listens on
	Root      string   // directory of the images in the container
	Host      string   // by which clients in the cluster call it: docker-registry.default.svc:5000
	Names     []string // all names and addresses of its Service, with the port: for credentials
	Secure    bool     // it speaks TLS
	Roots     [][]byte // PEM: certificates that verify its certificate
	TLSName   string   // a name that its certificate has
}

// FindPodAccess finds a pod of a registry that is ready. Where there is none, the error says why.
func FindPodAccess(ctx context.Context, c *cluster.Client, name string) (*PodAccess, error) {
	workload, err := Find(ctx, c, name)
	if err != nil {
		return nil, err
	}
	t, err := TemplateOf(workload)
	if err != nil {
		return nil, err
	}
	found, err := pods.Pods(ctx, c, workload)
	if err != nil {
		return nil, err
	}
	pod := pods.Serving(found)
	if pod == nil {
		return nil, noPod(ctx, c, name, workload, found)
	}
	d := &PodAccess{
		Pod: pod.Name, Container: t.Container.Name, Image: t.Container.Image, Port: int(t.Port()), Root: t.Root(),
		Secure: t.Secure(), TLSName: fmt.Sprintf("%s.%s.svc", name, c.Namespace),
	}
	if err := d.service(ctx, c, name); err != nil {
		return nil, err
	}
	d.certificate(ctx, c, t)
	return d, nil
}

func noPod(ctx context.Context, c *cluster.Client, name string, workload *cluster.Object, pods []corev1.Pod) error {
	advice := fmt.Sprintf("regctl registry status %s -n %s", name, c.Namespace)
	if r, err := wait.DiagnosePods(ctx, c, workload, pods); err == nil && r != nil {
		return hint.Errorf(advice, "%s: no pod is ready: %s", name, r)
	}
	return hint.Errorf(advice, "%s: no pod is ready", name)
}

// service reads by which names the registry's Service is called; without one the registry has that of its pod.
func (d *PodAccess) service(ctx context.Context, c *cluster.Client, name string) error {
	port := strconv.Itoa(d.Port)
	o, err := c.Get(ctx, cluster.Ref{GVK: cluster.CoreKind("Service"), Namespace: c.Namespace, Name: name})
	if err != nil {
		return err
	}
	var ip string
	if o != nil {
		svc, err := cluster.Decode[corev1.Service](o)
		if err != nil {
			return err
		}
		ip = svc.Spec.ClusterIP
		if len(svc.Spec.Ports) > 0 {
			port = strconv.Itoa(int(svc.Spec.Ports[0].Port))
		}
	}
	base := name + "." + c.Namespace
	d.Host = base + ".svc:" + port
	d.Names = []string{d.Host, base + ".svc.cluster.local:" + port, base + ":" + port, name + ":" + port}
	if net.ParseIP(ip) != nil {
		d.Names = append(d.Names, net.JoinHostPort(ip, port))
	}
	return nil
}

// certificate reads the CAs that verify the registry's certificate. The tunnel leads to the pod and
// nowhere else, so any name in the certificate will do. Who may not read the Secret needs
// a CA of their own.
func (d *PodAccess) certificate(ctx context.Context, c *cluster.Client, t Template) {
	secret := t.tlsSecret()
	if secret == "" {
		return
	}
	o, err := c.Get(ctx, cluster.Ref{GVK: cluster.CoreKind("Secret"), Namespace: c.Namespace, Name: secret})
	if err != nil || o == nil {
		return
	}
	s, err := cluster.Decode[corev1.Secret](o)
	if err != nil {
		return
	}
	for _, key := range []string{"ca.crt", t.certificateKey()} {
		if pem := s.Data[key]; x509.NewCertPool().AppendCertsFromPEM(pem) {
			d.Roots = append(d.Roots, pem)
		}
	}
	if chain, err := certs.ParseChain(s.Data[t.certificateKey()]); err == nil {
		if names := certs.ListedNames(chain[0]); len(names) > 0 && !slices.Contains(names, d.TLSName) {
			d.TLSName = names[0]
		}
	}
}
