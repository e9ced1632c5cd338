package opensvc

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/regctl/regctl/internal/platform"
)

// registryContainer is the resource that runs the registry.
const registryContainer = "container#1"

// secretFolder is where the container sees what is secret.
const secretFolder = "/etc/registry-secrets"

// builder makes the configuration of one registry.
type builder struct {
	*Platform
	s    platform.Spec
	path Path
}

// config is the whole configuration, in the order of the agents' documentation.
func (b *builder) config() (config, error) {
	note, err := json.Marshal(b.s)
	if err != nil {
		return nil, err
	}
	var c config
	c.add("DEFAULT", "orchestrate", b.s.Service.Orchestrate, "nodes", cmp.Or(b.s.Service.Nodes, "{clusternodes}"))
	c.add("ip#1", "type", "cni", "netns", "container#0")
	c.add("container#0", "type", "docker", "image", "{env.pause_image}", "rm", "true")
	c.add(registryContainer, "type", "docker", "image", "{env.image}", "netns", "container#0", "rm", "true",
		"volume_mounts", strings.Join(b.mounts(), " "), "environment", strings.Join(b.environment(), " "),
		"secrets_environment", strings.Join(b.secretEnvironment(), " "))
	if pvc := b.s.Storage.PVC; pvc != nil {
		c.add("volume#1", "name", pvc.Claim, "size", "{env.size}", "access", accesses()[pvc.Mode], "pool", pvc.Class)
	}
	if files := b.files(); len(files) > 0 {
		c.add("volume#2", "type", "shm", "name", b.secretVolume(), "secrets", strings.Join(files, " "), "user", b.user())
	}
	size := ""
	if b.s.Storage.PVC != nil {
		size = b.s.Storage.PVC.Size
	}
	c.add("env", "size", size, "image", b.s.Workload.Image, "pause_image", pauseImage, noteKey, base64.StdEncoding.EncodeToString(note))
	return c, nil
}

// name is the reference to the service's own name, which the older agent spells in another way.
func (b *builder) name() string {
	if b.Agent.newer() {
		return "{name}"
	}
	return "{svcname}"
}

func (b *builder) secretVolume() string { return b.name() + "-secrets" }

func (b *builder) mounts() (all []string) {
	switch s := b.s.Storage; s.Kind() {
	case platform.KindPVC:
		all = append(all, s.PVC.Claim+"/registry:"+b.s.Workload.MountPath)
	case platform.KindHostPath:
		all = append(all, s.HostPath.Path+":"+b.s.Workload.MountPath)
	}
	if len(b.files()) > 0 {
		all = append(all, b.secretVolume()+":"+secretFolder+":ro")
	}
	return all
}

// files are the keys of the sec object that the container sees as files.
func (b *builder) files() (all []string) {
	for _, key := range b.fileKeys() {
		all = append(all, fmt.Sprintf("%s/%s:/%s", b.path.Name, key, key))
	}
	return all
}

func (b *builder) fileKeys() (keys []string) {
	if !b.s.TLS.Off {
		keys = append(keys, "tls.crt", "tls.key")
	}
	if b.s.Auth.Kind == platform.AuthHtpasswd {
		keys = append(keys, "htpasswd")
	}
	if s3 := b.s.Storage.S3; s3 != nil && s3.CA != "" {
		keys = append(keys, "s3_ca.crt")
	}
	return keys
}

// own tells whether the image is regctl's, which is not root and is told more than the registry of old.
func (b *builder) own() bool { return platform.OwnImage(b.s.Workload.Image) }

func (b *builder) user() string {
	if b.own() {
		return "1001"
	}
	return ""
}

func (b *builder) environment() []string {
	addr := fmt.Sprintf(":%d", b.s.Workload.Ports[0].Container)
	env := append([]string{"REGISTRY_HTTP_ADDR=" + addr, "REGISTRY_STORAGE_DELETE_ENABLED=true"}, b.storage()...)
	if b.own() {
		env = append(env, "REGCTL_SERVE_ADDR="+addr, "REGCTL_SERVE_ROOT="+b.s.Workload.MountPath, "REGCTL_SERVE_TRUST=none")
	}
	switch {
	case !b.s.TLS.Off:
		env = append(env, "REGISTRY_HTTP_TLS_CERTIFICATE="+secretFolder+"/tls.crt", "REGISTRY_HTTP_TLS_KEY="+secretFolder+"/tls.key")
	case b.own():
		env = append(env, "REGCTL_SERVE_NO_TLS=true", "REGCTL_SERVE_INSECURE=true")
	}
	switch {
	case b.s.Auth.Kind == platform.AuthHtpasswd:
		env = append(env, "REGISTRY_AUTH=htpasswd", "REGISTRY_AUTH_HTPASSWD_REALM="+b.path.Name, "REGISTRY_AUTH_HTPASSWD_PATH="+secretFolder+"/htpasswd")
	case b.own():
		env = append(env, "REGCTL_SERVE_AUTH=none")
	}
	return env
}

// gone are the keywords that an earlier run has set, and this one does not.
func (b *builder) gone(live, want config) (keys []string) {
	was, err := noted(live)
	if err != nil || was.Storage == nil || was.Workload == nil || was.Service == nil || was.TLS == nil || was.Auth == nil {
		return nil
	}
	old, err := (&builder{Platform: b.Platform, s: was, path: b.path}).config()
	if err != nil {
		return nil
	}
	for _, s := range old {
		for _, k := range s.keywords {
			if want.get(s.name, k.name) == "" && live.get(s.name, k.name) == k.value {
				keys = append(keys, s.name+"."+k.name)
			}
		}
	}
	return keys
}

// host is how the registry is called in the cluster.
func (b *builder) host() string {
	return fmt.Sprintf("%s:%d", b.path.dns(b.s.Service.Cluster), b.s.Workload.Ports[0].Container)
}

// open says what everyone may do.
func (b *builder) open() string {
	switch {
	case b.s.TLS.Off && b.s.Auth.Kind == platform.AuthNone:
		return "with neither TLS nor users, everyone who reaches " + b.host() + " may push and pull, and read along"
	case b.s.TLS.Off:
		return "without TLS, passwords and images cross the network in the clear"
	}
	return "without users, everyone who reaches " + b.host() + " may push and pull"
}

// storage says where the images are.
func (b *builder) storage() []string {
	s := b.s.Storage.S3
	if s == nil {
		return []string{"REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY=" + b.s.Workload.MountPath}
	}
	bucket, prefix, _ := strings.Cut(s.Bucket, "/")
	env := []string{"REGISTRY_STORAGE=s3", "REGISTRY_STORAGE_S3_BUCKET=" + bucket, "REGISTRY_STORAGE_S3_REGION=" + cmp.Or(s.Region, "us-east-1")}
	if s.Endpoint != "" {
		env = append(env, "REGISTRY_STORAGE_S3_REGIONENDPOINT="+s.Endpoint)
	}
	if prefix != "" {
		env = append(env, "REGISTRY_STORAGE_S3_ROOTDIRECTORY=/"+prefix)
	}
	if s.CA != "" {
		env = append(env, "AWS_CA_BUNDLE="+secretFolder+"/s3_ca.crt", "REGCTL_SERVE_CA="+secretFolder+"/s3_ca.crt")
	}
	return env
}

// secretEnvironment are the variables whose values are keys of the sec object.
func (b *builder) secretEnvironment() []string {
	env := []string{"REGISTRY_HTTP_SECRET=" + b.path.Name + "/http_secret"}
	if s := b.s.Storage.S3; s != nil && s.Secret != "" {
		env = append(env, "REGISTRY_STORAGE_S3_ACCESSKEY="+b.path.Name+"/s3_access_key", "REGISTRY_STORAGE_S3_SECRETKEY="+b.path.Name+"/s3_secret_key")
	}
	return env
}
