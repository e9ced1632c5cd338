package kube

import (
	"fmt"

	"github.com/regctl/regctl/internal/platform"
)

// user is who the registry runs as; its image has the same.
const user = 1001

// container is the name of the registry's container, as it was in the originals.
const container = "registry"

// Folders of the container.
const (
	certFolder  = "/etc/pki/tls/private" // where old recipes mount the certificate
	usersFolder = "/etc/registry/users"
	keysFolder  = "/etc/registry/s3"
	caFolder    = "/etc/registry/s3-ca" // with the CA of the S3 server
)

func portName(port int32) string { return fmt.Sprintf("%d-tcp", port) }

// workload is the Deployment or DaemonSet.
func (b *builder) workload() (object, error) {
	note, err := b.note()
	if err != nil {
		return nil, err
	}
	kind := "Deployment"
	spec := object{
		"selector": object{"matchLabels": b.selects()},
		"template": object{"metadata": object{"labels": b.selects()}, "spec": b.pod()},
	}
	if b.daemonSet() {
		kind = "DaemonSet"
	} else {
		spec["strategy"] = b.strategy()
		if r := b.s.Workload.Replicas; r != nil {
			spec["replicas"] = *r
		}
	}
	o := b.object("apps/v1", kind, b.s.Name, object{"spec": spec})
	o["metadata"].(object)["annotations"] = object{SpecNote: note}
	b.flavour().Shape(b.s, Live{b.found}, o)
	return o, nil
}

// strategy ends the old pod before the new one starts, where one alone may have the
// storage. It is not Recreate: a server refuses that beside the defaults that it has
// set for RollingUpdate, so nobody could change over.
func (b *builder) strategy() object {
	if b.alone() != "" && b.s.Storage.Kind() != platform.KindEmptyDir {
		return object{"type": "RollingUpdate", "rollingUpdate": object{"maxSurge": 0, "maxUnavailable": 1}}
	}
	return object{"type": "RollingUpdate"}
}

func (b *builder) pod() object {
	w := b.s.Workload
	security := object{
		"runAsNonRoot": true, "runAsUser": user,
		"seccompProfile": object{"type": "RuntimeDefault"},
	}
	if w.FSGroup != nil {
		security["fsGroup"] = *w.FSGroup
	}
	if w.SupplementalGroups != nil {
		security["supplementalGroups"] = w.SupplementalGroups
	}
	pod := object{
		"serviceAccountName":           w.ServiceAccount,
		"automountServiceAccountToken": false,
		"enableServiceLinks":           false, // a Service called registry would set REGISTRY_PORT
		"securityContext":              security,
		"containers":                   list{b.container()},
		"volumes":                      b.volumes(),
	}
	if len(w.NodeSelector) > 0 {
		pod["nodeSelector"] = w.NodeSelector
	}
	if b.spread() {
		pod["topologySpreadConstraints"] = list{object{
			"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway",
			"labelSelector": object{"matchLabels": b.selects()},
		}}
	}
	return pod
}

func (b *builder) container() object {
	var ports list
	for _, p := range b.s.Workload.Ports {
		port := object{"name": portName(p.Container), "containerPort": p.Container, "protocol": "TCP"}
		if p.Host != 0 {
			port["hostPort"] = p.Host
		}
		ports = append(ports, port)
	}
	live := b.probe()
	live["initialDelaySeconds"] = 10
	return object{
		"name":  container,
		"image": b.s.Workload.Image,
		// an image that was brought to the nodes is not asked for elsewhere, whatever its tag
		"imagePullPolicy": "IfNotPresent",
		"ports":           ports,
		"env":             b.env(),
		"resources": object{
			"requests": object{"cpu": "100m", "memory": "256Mi"},
		},
		"securityContext": object{
			"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
			"capabilities": object{"drop": list{"ALL"}},
		},
		"livenessProbe":  live,
		"readinessProbe": b.probe(),
		"volumeMounts":   b.mounts(),
	}
}

// scheme is what the registry speaks.
func (b *builder) scheme() string {
	if b.s.TLS.Off && !b.found.foreignTLS() {
		return "HTTP"
	}
	return "HTTPS"
}

// probe asks in the scheme that the registry speaks: the wrong one kills the pod.
func (b *builder) probe() object {
	return object{
		"httpGet":        object{"path": "/healthz", "port": b.s.Workload.Ports[0].Container, "scheme": b.scheme()},
		"timeoutSeconds": 5,
	}
}

func (b *builder) env() list {
	addr := fmt.Sprintf(":%d", b.s.Workload.Ports[0].Container)
	env := list{
		value("REGISTRY_HTTP_ADDR", addr),
		value("REGISTRY_HTTP_NET", "tcp"),
		object{"name": "REGISTRY_HTTP_SECRET", "valueFrom": object{"secretKeyRef": object{"name": b.s.Name + "-http", "key": "secret"}}},
		value("REGCTL_SERVE_ADDR", addr), // regctl's image has one of its own, which would win
		value("REGCTL_SERVE_TRUST", "none"),
	}
	if s3 := b.s.Storage; s3.Kind() == platform.KindS3 {
		env = append(env, value("REGCTL_SERVE_ROOT", "/tmp"), value("REGCTL_SERVE_STORAGE", bucketURL(s3.S3)))
		if s3.S3.Secret != "" {
			env = append(env, value("AWS_SHARED_CREDENTIALS_FILE", keysFolder+"/credentials"))
		}
		if s3.S3.CA != "" {
			env = append(env, value("REGCTL_SERVE_CA", caFolder+"/ca.crt"))
		}
	} else {
		env = append(env, value("REGCTL_SERVE_ROOT", b.s.Workload.MountPath), value("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", b.s.Workload.MountPath))
	}
	if b.s.TLS.Off {
		env = append(env, value("REGCTL_SERVE_NO_TLS", "true"), value("REGCTL_SERVE_INSECURE", "true"))
	} else {
		env = append(env, value("REGISTRY_HTTP_TLS_CERTIFICATE", certFolder+"/tls.crt"), value("REGISTRY_HTTP_TLS_KEY", certFolder+"/tls.key"))
	}
	if b.s.Auth.Kind == platform.AuthNone {
		return append(env, value("REGCTL_SERVE_AUTH", "none"))
	}
	return append(env, value("REGISTRY_AUTH_HTPASSWD_REALM", b.s.Name), value("REGISTRY_AUTH_HTPASSWD_PATH", usersFolder+"/htpasswd"))
}

func value(name, text string) object { return object{"name": name, "value": text} }

func (b *builder) volumes() list {
	var all list
	if v := b.source(); v != nil {
		all = append(all, v)
	}
	all = append(all, object{"name": "tmp", "emptyDir": object{}})
	for _, s := range b.mounted() {
		all = append(all, object{"name": s.volume, "secret": object{"secretName": s.secret, "defaultMode": 0o440, "items": s.items()}})
	}
	return all
}

func (b *builder) mounts() list {
	var all list
	if b.s.Storage.Kind() != platform.KindS3 {
		all = append(all, object{"name": b.volumeName(), "mountPath": b.s.Workload.MountPath})
	}
	all = append(all, object{"name": "tmp", "mountPath": "/tmp"})
	for _, s := range b.mounted() {
		all = append(all, object{"name": s.volume, "mountPath": s.folder, "readOnly": true})
	}
	return all
}

// secretFiles is a secret in a folder of the container.
type secretFiles struct {
	volume, secret, folder string
	keys                   []string
}

func (s secretFiles) items() list {
	var all list
	for _, key := range s.keys {
		all = append(all, object{"key": key, "path": key})
	}
	return all
}

func (b *builder) mounted() []secretFiles {
	var all []secretFiles
	if !b.s.TLS.Off {
		all = append(all, secretFiles{"server-certificate", b.s.TLS.Secret, certFolder, []string{"tls.crt", "tls.key"}})
	}
	if b.s.Auth.Kind == platform.AuthHtpasswd {
		all = append(all, secretFiles{"users", b.s.Auth.Secret, usersFolder, []string{"htpasswd"}})
	}
	if s := b.s.Storage; s.Kind() == platform.KindS3 && s.S3.Secret != "" {
		all = append(all, secretFiles{"s3-credentials", s.S3.Secret, keysFolder, []string{"credentials"}})
	}
	if s := b.s.Storage; s.Kind() == platform.KindS3 && s.S3.CA != "" {
		all = append(all, secretFiles{"s3-ca", b.s.Name + "-s3-ca", caFolder, []string{"ca.crt"}})
	}
	return all
}
