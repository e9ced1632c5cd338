package survey

import (
	"bytes"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/pods"
	"github.com/regctl/regctl/internal/cluster/wait"
	"github.com/regctl/regctl/pkg/certs"
	corev1 "k8s.io/api/core/v1"
)

// Read makes a Status of what was gathered, at the time now.
func Read(name string, o Objects, t Template, now time.Time) (*Status, error) {
	rollout, err := wait.RolloutOf(o.Workload)
	if err != nil {
		return nil, err
	}
	s := &Status{
		Name: name, Namespace: o.Workload.GetNamespace(), Auth: t.auth(),
		Workload: Workload{
			Object: cluster.RefOf(o.Workload).String(), State: rollout.State, Image: t.Container.Image,
			ServiceAccount: t.Spec.ServiceAccountName,
		},
		Pods: []Pod{}, Services: []Service{}, Exposure: []Exposure{}, Warnings: []Warning{},
	}
	s.readPods(o)
	wanted, fixed := replicas(o.Workload)
	if s.Workload.Replicas = int(wanted); !fixed {
		s.Workload.Replicas = len(s.Pods)
	}
	s.Ready = rollout.Done && s.Workload.ReadyReplicas > 0
	s.Storage, _ = t.storage()
	s.Storage.read(o)
	if t.Secure() {
		s.TLS = readTLS(t, o.TLS, now)
	}
	if o.Users != nil {
		s.Auth.Users = users(o.Users)
	}
	s.readServices(o)
	s.readExposure(o)
	s.Objects = objects(o, s)
	s.Warnings = append(s.warningsOf(o, t), o.Gaps...)
	return s, nil
}

func (s *Status) readPods(o Objects) {
	for _, p := range o.Pods {
		pod := Pod{
			Name: p.Name, Phase: string(p.Status.Phase), Ready: pods.PodReady(&p), Restarts: int(pods.Restarts(&p)),
			Node: p.Spec.NodeName, IP: p.Status.PodIP, Since: p.CreationTimestamp.UTC(),
		}
		if c := pods.RegistryContainer(p.Spec.Containers); c != nil {
			pod.Image = c.Image
		}
		if p.DeletionTimestamp != nil {
			pod.Phase = "Terminating"
		}
		if r := o.Reason; r != nil && r.About == "pod/"+p.Name {
			pod.Reason = r.Text
		} else if r := wait.Blocked([]corev1.Pod{p}, nil); r != nil {
			pod.Reason = r.Text
		}
		if pod.Ready && p.DeletionTimestamp == nil {
			s.Workload.ReadyReplicas++
		}
		s.Pods = append(s.Pods, pod)
	}
}

func (s *Storage) read(o Objects) {
	if c := o.Claim; c != nil {
		s.Phase = string(c.Status.Phase)
		if c.Spec.StorageClassName != nil {
			s.Class = *c.Spec.StorageClassName
		}
		if q, ok := c.Status.Capacity[corev1.ResourceStorage]; ok {
			s.Capacity = q.String()
		}
		for _, m := range c.Spec.AccessModes {
			s.Modes = append(s.Modes, string(m))
		}
	}
	if o.Volume != nil {
		s.Used, s.Free = o.Volume.Used, o.Volume.Free
	}
}

func readTLS(t Template, secret *corev1.Secret, now time.Time) *TLS {
	out := &TLS{Secret: t.tlsSecret()}
	if out.Secret == "" {
		out.Problem = "the registry generates its certificate"
		return out
	}
	if secret == nil {
		out.Problem = "the secret does not exist or cannot be read"
		return out
	}
	chain, err := certs.ParseChain(secret.Data[t.certificateKey()])
	if err != nil {
		out.Problem = fmt.Sprintf("%s: %v", t.certificateKey(), err)
		return out
	}
	d := certs.Describe(chain[:1], now)[0]
	out.Names, out.NotAfter, out.DaysLeft, out.Issuer = d.Names, &d.NotAfter, &d.DaysLeft, d.Issuer
	return out
}

// users are the names in an htpasswd file, in any key of its Secret.
func users(secret *corev1.Secret) []string {
	var all []string
	for _, key := range []string{"htpasswd", "auth"} {
		for line := range bytes.Lines(secret.Data[key]) {
			if name, _, ok := strings.Cut(strings.TrimSpace(string(line)), ":"); ok && !strings.HasPrefix(name, "#") {
				all = append(all, name)
			}
		}
	}
	return all
}

func (s *Status) readServices(o Objects) {
	for _, svc := range o.Services {
		out := Service{Name: svc.Name, Type: string(svc.Spec.Type), ClusterIP: svc.Spec.ClusterIP, Endpoints: append([]string{}, o.Endpoints[svc.Name]...)}
		for _, p := range svc.Spec.Ports {
			port := strconv.Itoa(int(p.Port))
			if p.NodePort != 0 {
				port += ":" + strconv.Itoa(int(p.NodePort))
			}
			out.Ports = append(out.Ports, port+"/"+string(p.Protocol))
		}
		for _, in := range svc.Status.LoadBalancer.Ingress {
			out.Addresses = append(out.Addresses, in.IP+in.Hostname) // one of the two is set
		}
		out.Addresses = append(out.Addresses, svc.Spec.ExternalIPs...)
		s.Services = append(s.Services, out)
	}
	// the one of the registry's name is its own; others are exposures
	slices.SortStableFunc(s.Services, func(a, b Service) int { return order(b.Name == s.Name) - order(a.Name == s.Name) })
}

func order(first bool) int {
	if first {
		return 1
	}
	return 0
}

func hostPort(host string, port int32) string { return net.JoinHostPort(host, strconv.Itoa(int(port))) }

// objects names all that was found, the workload first.
func objects(o Objects, s *Status) []string {
	all := []string{s.Workload.Object}
	for _, svc := range s.Services {
		all = append(all, "service/"+svc.Name)
	}
	if o.Claim != nil {
		all = append(all, "persistentvolumeclaim/"+o.Claim.Name)
	}
	for _, secret := range []*corev1.Secret{o.TLS, o.Users} {
		if secret != nil {
			all = append(all, "secret/"+secret.Name)
		}
	}
	for _, e := range s.Exposure {
		if !slices.Contains(all, e.Object) {
			all = append(all, e.Object)
		}
	}
	return all
}
