package openshift3

import (
	"fmt"
	"strconv"

	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/kube"
	"github.com/regctl/regctl/internal/platform/settings"
)

// env are the variables of an image that is not regctl's.
func (f flavor) env(s platform.Spec) list {
	w := s.Workload
	port := w.Ports[0].Container
	all := settings.Settings{
		Addr: fmt.Sprintf(":%d", port), Net: "tcp", HTTPSecret: settings.Secret{Object: s.Name + "-http", Key: "secret"},
		Quota: strconv.FormatBool(w.EnforceQuota != nil && *w.EnforceQuota),
	}
	if s.Name != platform.DefaultName { // else it is found by the variables of the Service docker-registry
		all.OpenShiftAddr = fmt.Sprintf("%s.%s.svc:%d", s.Name, f.Client.Namespace, port)
	}
	env := append(kube.Env(all), storageEnv(s)...)
	var secure settings.Settings
	if !s.TLS.Off {
		secure.Certificate, secure.Key = "/etc/pki/tls/private/tls.crt", "/etc/pki/tls/private/tls.key"
	}
	if s.Auth.Kind == platform.AuthHtpasswd {
		secure.Auth, secure.HtpasswdRealm, secure.Htpasswd = "htpasswd", s.Name, "/etc/registry/users/htpasswd"
	}
	return append(env, kube.Env(secure)...)
}

// storageEnv say where the images are, where it is not where the image looks by itself.
func storageEnv(s platform.Spec) list {
	store := s.Storage.ObjectStore()
	switch {
	case store != nil:
	case s.Workload.MountPath != "/registry":
		return kube.Env(settings.Settings{Directory: s.Workload.MountPath})
	default:
		return nil
	}
	all := store.Settings(false)
	all.Cache, all.Delete = "inmemory", "true" // OpenShift expects both of every storage
	if store.TrustedCA() != "" {
		all.CertDirs = fmt.Sprintf("/etc/registry/%s-ca:/etc/ssl/certs:/etc/pki/tls/certs", store.Name()) // beside the system's
	}
	return append(kube.Env(all), kube.StoreKeys(store, false)...)
}
