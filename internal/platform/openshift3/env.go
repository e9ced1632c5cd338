package openshift3

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/regctl/regctl/internal/platform"
)

// env are the variables of an image that is not regctl's.
func (f flavour) env(s platform.Spec) list {
	w := s.Workload
	port := w.Ports[0].Container
	env := list{
		value("REGISTRY_HTTP_ADDR", fmt.Sprintf(":%d", port)),
		value("REGISTRY_HTTP_NET", "tcp"),
		fromSecret("REGISTRY_HTTP_SECRET", s.Name+"-http", "secret"),
		value(quotaVar, strconv.FormatBool(w.EnforceQuota != nil && *w.EnforceQuota)),
	}
	if s.Name != platform.DefaultName { // else it is found by the variables of the Service docker-registry
		env = append(env, value("REGISTRY_OPENSHIFT_SERVER_ADDR", fmt.Sprintf("%s.%s.svc:%d", s.Name, f.Client.Namespace, port)))
	}
	switch {
	case s.Storage.Kind() == platform.KindS3:
		env = append(env, bucket(s.Storage.S3)...)
	case w.MountPath != "/registry": // where the image looks
		env = append(env, value("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", w.MountPath))
	}
	if !s.TLS.Off {
		env = append(env, value("REGISTRY_HTTP_TLS_CERTIFICATE", "/etc/pki/tls/private/tls.crt"), value("REGISTRY_HTTP_TLS_KEY", "/etc/pki/tls/private/tls.key"))
	}
	if s.Auth.Kind == platform.AuthHtpasswd {
		env = append(env, value("REGISTRY_AUTH", "htpasswd"), value("REGISTRY_AUTH_HTPASSWD_REALM", s.Name), value("REGISTRY_AUTH_HTPASSWD_PATH", "/etc/registry/users/htpasswd"))
	}
	return env
}

// bucket replaces the image's storage by a bucket, with what OpenShift expects of every storage.
func bucket(s *platform.S3) list {
	name, prefix, _ := strings.Cut(s.Bucket, "/")
	region := s.Region
	if region == "" {
		region = "us-east-1" // the image wants one even where an endpoint makes it meaningless
	}
	env := list{
		value("REGISTRY_STORAGE", "s3"), value("REGISTRY_STORAGE_CACHE_BLOBDESCRIPTOR", "inmemory"), value("REGISTRY_STORAGE_DELETE_ENABLED", "true"),
		value("REGISTRY_STORAGE_S3_BUCKET", name), value("REGISTRY_STORAGE_S3_REGION", region),
	}
	if s.Endpoint != "" {
		env = append(env, value("REGISTRY_STORAGE_S3_REGIONENDPOINT", s.Endpoint))
	}
	if s.CA != "" { // beside the system's, for every connection of a Go program
		env = append(env, value("SSL_CERT_DIR", "/etc/registry/s3-ca:/etc/ssl/certs:/etc/pki/tls/certs"))
	}
	if prefix != "" {
		env = append(env, value("REGISTRY_STORAGE_S3_ROOTDIRECTORY", "/"+prefix))
	}
	if s.Secret != "" {
		env = append(env, fromSecret(accessVar, s.Secret, accessVar), fromSecret(secretVar, s.Secret, secretVar))
	}
	return env
}

func value(name, text string) object { return object{"name": name, "value": text} }

func fromSecret(name, secret, key string) object {
	return object{"name": name, "valueFrom": object{"secretKeyRef": object{"name": secret, "key": key}}}
}
