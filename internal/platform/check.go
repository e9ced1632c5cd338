package platform

import (
	"errors"
	"fmt"
	"net"
	"path"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// Check says what in a Spec cannot be, whatever the platform.
func (s Spec) Check() error {
	if s.Storage != nil {
		if err := s.Storage.check(); err != nil {
			return err
		}
	}
	if s.Workload != nil {
		if err := s.Workload.check(); err != nil {
			return err
		}
		if s.Storage.Kind() == KindGCS && OwnImage(s.Workload.Image) {
			return hint.New(fmt.Errorf("storage: gcs: not supported by %s, regctl's own image", s.Workload.Image), "--image registry:3")
		}
	}
	if err := s.TLS.check(); err != nil {
		return err
	}
	if s.Auth != nil && s.Auth.Kind != AuthHtpasswd && s.Auth.Kind != AuthNone && s.Auth.Kind != AuthOpenShift {
		return fmt.Errorf("auth: kind %q: must be %s, %s or %s", s.Auth.Kind, AuthHtpasswd, AuthNone, AuthOpenShift)
	}
	return s.Exposure.check()
}

func (t *TLS) check() error {
	switch {
	case t == nil:
		return nil
	case t.Off && t.Secret != "":
		return errors.New("tls: secret cannot be used with disabled")
	case (len(t.Certificate) == 0) != (len(t.Key) == 0):
		return errors.New("tls: a certificate requires its key, and a key its certificate")
	}
	return nil
}

func (w *Workload) check() error {
	switch {
	case w.Replicas != nil && *w.Replicas < 0:
		return fmt.Errorf("replicas %d: must not be below 0", *w.Replicas)
	case w.Replicas != nil && w.DaemonSet != nil && *w.DaemonSet:
		return errors.New("replicas cannot be used with a daemon set, which has a pod on each node")
	case w.FSGroup != nil && w.SupplementalGroups != nil:
		return errors.New("fsGroup cannot be used with supplementalGroups")
	case w.ClusterIP != "" && w.ClusterIP != "None" && net.ParseIP(w.ClusterIP) == nil:
		return fmt.Errorf("cluster IP %q: must be an IP address", w.ClusterIP)
	case w.MountPath != "" && !isDirPath(w.MountPath):
		return fmt.Errorf("mount path %q: must be a directory in the container, such as /registry", w.MountPath)
	}
	return checkPorts(w.Ports)
}

func checkPorts(ports []Port) error {
	for _, p := range ports {
		if p.Container < 1 || p.Container > 65535 || p.Host < 0 || p.Host > 65535 {
			return fmt.Errorf("port %d:%d: must be from 1 to 65535", p.Container, p.Host)
		}
	}
	return nil
}

// isDirPath tells whether p is an absolute path below the root, without "..".
func isDirPath(p string) bool {
	return path.IsAbs(p) && path.Clean(p) != "/" && !strings.Contains(p+"/", "/../")
}
