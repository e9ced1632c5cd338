package kube

import (
	"fmt"

	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/settings"
)

// user is who the registry runs as; its image has the same.
const user = 1001

// container is the name of the registry's container, as it was in the originals.
const container = "registry"

// Directories of the container.
const (
	certFolder  = "/etc/pki/tls/private" // where old recipes mount the certificate
	usersFolder = "/etc/registry/users"
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
	b.flavor().Shape(b.s, Live{b.found}, o)
	return o, nil
}

// strategy ends the old pod before the new one starts, where one alone may have the
// storage. It is not Recreate: a server refuses that beside the defaults that it has
// set for RollingUpdate, so nobody could change over.
func (b *builder) strategy() object {
	if b.whyOnePod() != "" && b.s.Storage.Kind() != platform.KindEmptyDir {
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

// env are the variables of the container.
func (b *builder) env() list {
	addr := fmt.Sprintf(":%d", b.s.Workload.Ports[0].Container)
	env := Env(settings.Settings{
		Addr: addr, Net: "tcp", HTTPSecret: settings.Secret{Object: b.s.Name + "-http", Key: "secret"},
		ServeAddr:  addr, // regctl's image has one of its own, which would win
		ServeTrust: "none",
	})
	env = append(env, b.storageEnv()...)
	secure := settings.Settings{NoTLS: "true", Insecure: "true"}
	if !b.s.TLS.Off {
		secure = settings.Settings{Certificate: certFolder + "/tls.crt", Key: certFolder + "/tls.key"}
	}
	login := settings.Settings{HtpasswdRealm: b.s.Name, Htpasswd: usersFolder + "/htpasswd"}
	if b.s.Auth.Kind == platform.AuthNone {
		login = settings.Settings{ServeAuth: platform.AuthNone}
	}
	return append(append(env, Env(secure)...), Env(login)...)
}

// storageEnv say where the images are.
func (b *builder) storageEnv() list {
	store := b.s.Storage.ObjectStore()
	if store == nil {
		return Env(settings.Settings{ServeRoot: b.s.Workload.MountPath, Directory: b.s.Workload.MountPath})
	}
	all := store.Settings(true)
	all.ServeRoot = "/tmp"
	env := append(Env(all), StoreKeys(store, true)...)
	if store.TrustedCA() != "" {
		env = append(env, Env(settings.Settings{ServeCA: caFolder(store) + "/ca.crt"})...)
	}
	return env
}

// Env are settings as the variables of a container.
func Env(s settings.Settings) (env list) {
	for _, v := range settings.Write(s) {
		env = append(env, variable(v))
	}
	return env
}

func variable(v settings.Variable) object {
	if v.Object != "" {
		return object{"name": v.Name, "valueFrom": object{"secretKeyRef": object{"name": v.Object, "key": v.Key}}}
	}
	return object{"name": v.Name, "value": v.Text}
}

// StoreKeys are the variables of an object store's keys, which are in its Secret.
func StoreKeys(store platform.ObjectStore, own bool) (env list) {
	secret := store.Login().Secret
	keys, err := store.Keys(own)
	if err != nil || secret == "" { // an error is one of the secret's content, of which its own change speaks
		return nil
	}
	for _, key := range keys {
		v := settings.Variable{Name: key.Variable, Secret: settings.Secret{Object: secret, Key: key.SecretKey()}}
		if key.File != "" {
			v.Secret = settings.Secret{Text: keysFolder(store) + "/" + key.File}
		}
		env = append(env, variable(v))
	}
	return env
}

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
	if b.s.Storage.ObjectStore() == nil {
		all = append(all, object{"name": b.volumeName(), "mountPath": b.s.Workload.MountPath})
	}
	all = append(all, object{"name": "tmp", "mountPath": "/tmp"})
	for _, s := range b.mounted() {
		all = append(all, object{"name": s.volume, "mountPath": s.dir, "readOnly": true})
	}
	return all
}

// secretFiles is a secret in a directory of the container.
type secretFiles struct {
	volume, secret, dir string
	keys                []string
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
	if store := b.s.Storage.ObjectStore(); store != nil {
		all = append(all, b.storeFiles(store)...)
	}
	return all
}

// storeFiles are the files of an object store: its keys, where they are in one, and the CA of its server.
func (b *builder) storeFiles(store platform.ObjectStore) (all []secretFiles) {
	var files []string
	keys, _ := store.Keys(true) // the change of the secret says what is wrong with its content
	for _, key := range keys {
		if key.File != "" {
			files = append(files, key.File)
		}
	}
	if secret := store.Login().Secret; secret != "" && len(files) > 0 {
		all = append(all, secretFiles{StoreVolume(store), secret, keysFolder(store), files})
	}
	if store.TrustedCA() != "" {
		all = append(all, secretFiles{store.Name() + "-ca", storeCA(b.s), caFolder(store), []string{"ca.crt"}})
	}
	return all
}

// StoreVolume is the name of the volume with the files of an object store's keys.
func StoreVolume(store platform.ObjectStore) string { return store.Name() + "-credentials" }

// storeCA is the name of the Secret with the CA of an object store's server.
func storeCA(s platform.Spec) string { return s.Name + "-" + s.Storage.Kind() + "-ca" }

func keysFolder(store platform.ObjectStore) string { return "/etc/registry/" + store.Name() }

func caFolder(store platform.ObjectStore) string { return "/etc/registry/" + store.Name() + "-ca" }
