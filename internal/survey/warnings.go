package survey

import (
	"fmt"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/platform"
	corev1 "k8s.io/api/core/v1"
)

// soon is how many days before its end a certificate is worth a warning.
const soon = 30

// warningsOf are what may go wrong with a registry like this, or does.
func (s *Status) warningsOf(o Objects, t Template) []Warning {
	all := []Warning{}
	add := func(advice, format string, args ...any) {
		all = append(all, Warning{fmt.Sprintf(format, args...), advice})
	}
	if r := o.Reason; r != nil {
		add(r.Advice, "%s", r)
	}
	s.warnOfStorage(add)
	s.warnOfTLS(add)
	if scheme := probeScheme(t); s.TLS != nil && scheme == corev1.URISchemeHTTP {
		add("regctl registry deploy "+s.here(), "the probes use HTTP but the registry serves HTTPS: its pod restarts repeatedly")
	} else if s.TLS == nil && scheme == corev1.URISchemeHTTPS {
		add("regctl registry deploy "+s.here(), "the probes use HTTPS but the registry serves HTTP: its pod restarts repeatedly")
	}
	s.warnOfReach(add, o)
	if s.Auth.Kind == platform.AuthNone {
		add("regctl registry deploy "+s.here()+" --auth htpasswd", "anonymous push and delete: the registry requires no password")
	}
	for _, p := range s.Pods {
		if p.Restarts >= 5 {
			add(fmt.Sprintf("regctl registry logs %s --previous", s.here()), "pod/%s restarted %d times", p.Name, p.Restarts)
		}
	}
	return all
}

type adder func(advice, format string, args ...any)

// here names the registry in a command.
func (s *Status) here() string { return s.Name + " -n " + s.Namespace }

func (s *Status) warnOfStorage(add adder) {
	st, claim := s.Storage, fmt.Sprintf("regctl volume add %s -n %s --name=%s --overwrite -t pvc --claim-name=CLAIM", shortName(s.Workload.Object), s.Namespace, platform.StorageVolume)
	if st.Ephemeral {
		add(claim, "the images are lost with the pod: the storage is %s", strings.TrimSpace(st.Kind+" "+st.Place))
	}
	if st.Phase != "" && st.Phase != string(corev1.ClaimBound) {
		add(fmt.Sprintf("kubectl describe pvc %s -n %s", st.Place, s.Namespace), "persistentvolumeclaim/%s is %s", st.Place, st.Phase)
	}
	if s.Workload.Replicas > 1 {
		switch {
		case st.Kind == platform.KindPVC && len(st.Modes) > 0 && !slices.Contains(st.Modes, string(corev1.ReadWriteMany)):
			add("regctl registry deploy "+s.here()+" --replicas 1", "%d replicas on a claim with mode %s: pods on other nodes cannot mount it", s.Workload.Replicas, strings.Join(st.Modes, ", "))
		case st.Kind == platform.KindHostPath, st.Ephemeral:
			add("regctl registry deploy "+s.here()+" --replicas 1", "%d replicas do not share storage: pulls fail at random", s.Workload.Replicas)
		}
	}
	if total := st.Used + st.Free; total > 0 && st.Free*10 < total {
		add("delete images and run garbage collection, or enlarge the claim", "the storage is nearly full: %d of %d MB are free", st.Free>>20, total>>20)
	}
}

func shortName(object string) string {
	kind, name, _ := strings.Cut(object, "/")
	kind, _, _ = strings.Cut(kind, ".")
	return kind + "/" + name
}

func (s *Status) warnOfTLS(add adder) {
	secure := "regctl registry deploy " + s.here() + " --no-tls=false"
	renew := "regctl registry deploy " + s.here() + " --tls-certificate FILE --tls-key FILE"
	switch t := s.TLS; {
	case t == nil:
		add(secure, "the registry serves plain HTTP: passwords and images can be intercepted")
	case t.DaysLeft == nil:
		add(renew, "certificate: %s", t.Problem)
	case *t.DaysLeft < 0:
		add(renew, "the certificate in secret/%s expired on %s", t.Secret, t.NotAfter.Format("2006-01-02"))
	case *t.DaysLeft < soon:
		add(renew, "the certificate in secret/%s expires in %d days", t.Secret, *t.DaysLeft)
	default:
		for _, host := range s.hosts() {
			if !covers(t.Names, host) {
				add(renew, "the certificate is not valid for %s", host)
			}
		}
	}
}

// hosts are the names that clients use and the registry's own certificate must have.
func (s *Status) hosts() (all []string) {
	for _, svc := range s.Services {
		if svc.Name == s.Name {
			all = append(all, fmt.Sprintf("%s.%s.svc", s.Name, s.Namespace))
		}
	}
	for _, e := range s.Exposure {
		if e.Termination == "passthrough" && !strings.Contains(e.Host, ":") && e.Host != "" {
			all = append(all, e.Host)
		}
	}
	return all
}

func covers(names []string, host string) bool {
	_, domain, _ := strings.Cut(host, ".")
	return slices.Contains(names, host) || slices.Contains(names, "*."+domain)
}

func (s *Status) warnOfReach(add adder, o Objects) {
	if len(s.Services) == 0 {
		add("regctl registry deploy "+s.here(), "no service selects its pods")
		return
	}
	for _, svc := range s.Services {
		if len(svc.Endpoints) == 0 {
			add(fmt.Sprintf("kubectl get pods -n %s -o wide", s.Namespace), "service/%s has no endpoints: connections to it fail", svc.Name)
		}
	}
	if s.Workload.Replicas == 0 && o.Workload.GetKind() != "DaemonSet" {
		add(fmt.Sprintf("kubectl scale %s --replicas=1 -n %s", shortName(s.Workload.Object), s.Namespace), "it is scaled to 0 replicas")
	}
}

// probeScheme is what the probes speak; "" where none asks by HTTP.
func probeScheme(t Template) corev1.URIScheme {
	for _, p := range []*corev1.Probe{t.Container.LivenessProbe, t.Container.ReadinessProbe} {
		if p != nil && p.HTTPGet != nil {
			if p.HTTPGet.Scheme == "" {
				return corev1.URISchemeHTTP
			}
			return p.HTTPGet.Scheme
		}
	}
	return ""
}
