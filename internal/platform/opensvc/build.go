package opensvc

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/settings"
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
	if store := b.s.Storage.ObjectStore(); store != nil && store.TrustedCA() != "" {
		keys = append(keys, storeCA(store))
	}
	for _, key := range b.storeKeys() {
		if key.File != "" {
			keys = append(keys, key.Key)
		}
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
	all := []settings.Settings{{Addr: addr, Delete: "true"}, b.storage()}
	if b.own() {
		all = append(all, settings.Settings{ServeAddr: addr, ServeRoot: b.s.Workload.MountPath, ServeTrust: "none"})
	}
	switch {
	case !b.s.TLS.Off:
		all = append(all, settings.Settings{Certificate: secretFolder + "/tls.crt", Key: secretFolder + "/tls.key"})
	case b.own():
		all = append(all, settings.Settings{NoTLS: "true", Insecure: "true"})
	}
	switch {
	case b.s.Auth.Kind == platform.AuthHtpasswd:
		all = append(all, settings.Settings{Auth: "htpasswd", HtpasswdRealm: b.path.Name, Htpasswd: secretFolder + "/htpasswd"})
	case b.own():
		all = append(all, settings.Settings{ServeAuth: platform.AuthNone})
	}
	var env []string
	for _, part := range all {
		for _, v := range settings.Write(part) {
			env = append(env, v.Name+"="+v.Text)
		}
	}
	for _, key := range b.storeKeys() {
		if key.File != "" {
			env = append(env, key.Variable+"="+secretFolder+"/"+key.Key)
		}
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
		return "without TLS and users, everyone who can reach " + b.host() + " can push and pull, and traffic can be intercepted"
	case b.s.TLS.Off:
		return "without TLS, passwords and images are sent unencrypted"
	}
	return "without users, everyone who can reach " + b.host() + " can push and pull"
}

// storage says where the images are.
func (b *builder) storage() settings.Settings {
	store := b.s.Storage.ObjectStore()
	if store == nil {
		return settings.Settings{Directory: b.s.Workload.MountPath}
	}
	all := store.Settings(false)
	if store.TrustedCA() != "" {
		all.AWSCA, all.ServeCA = secretFolder+"/"+storeCA(store), secretFolder+"/"+storeCA(store)
	}
	return all
}

// storeCA is the key of the sec object with the CA of an object store's server.
func storeCA(store platform.ObjectStore) string { return store.Name() + "_ca.crt" }

// storeKeys are the keys of an object store, where the sec object has them.
func (b *builder) storeKeys() []platform.Credential {
	store := b.s.Storage.ObjectStore()
	if store == nil || store.Login().Secret == "" {
		return nil
	}
	keys, err := store.Keys(false)
	if err != nil {
		return nil // sec says what is wrong
	}
	return keys
}

// secretEnvironment are the variables whose values are keys of the sec object.
func (b *builder) secretEnvironment() []string {
	env := []string{"REGISTRY_HTTP_SECRET=" + b.path.Name + "/http_secret"}
	for _, key := range b.storeKeys() {
		if key.File == "" {
			env = append(env, key.Variable+"="+b.path.Name+"/"+key.Key)
		}
	}
	return env
}
