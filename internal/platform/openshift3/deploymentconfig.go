package openshift3

import (
	"slices"

	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/kube"
)

type (
	object = map[string]any
	list   = []any
)

// Shape makes a DeploymentConfig of a Deployment, and of either's pod what "oadm registry" makes.
func (f flavor) Shape(s platform.Spec, live kube.Live, o object) {
	spec := o["spec"].(object)
	if o["kind"] == "Deployment" {
		config(o, spec, live)
	}
	pod := spec["template"].(object)["spec"].(object)
	c := pod["containers"].(list)[0].(object)
	own := platform.OwnImage(s.Workload.Image)
	constrain(s, live, pod, c, own)
	if have, _ := live.Container()["resources"].(object); len(have) > 0 {
		c["resources"] = have // what others have measured
	}
	if !own {
		c["env"] = f.env(s)
		delete(c, "imagePullPolicy") // by the tag, as everywhere
		drop(pod, c, "tmp")
		dropKeys(s.Storage.ObjectStore(), pod, c)
	}
	for _, v := range pod["volumes"].(list) {
		files(s, v.(object))
	}
}

// config turns the head of a Deployment into that of a DeploymentConfig. The replicas are
// always said: left out they would be none.
func config(o, spec object, live kube.Live) {
	o["apiVersion"], o["kind"] = "apps.openshift.io/v1", "DeploymentConfig"
	spec["selector"] = spec["selector"].(object)["matchLabels"]
	if _, said := spec["replicas"]; !said {
		spec["replicas"] = live.Replicas()
	}
	strategy := "Rolling"
	if s, _ := spec["strategy"].(object); s["rollingUpdate"] != nil || live.Strategy() == "Recreate" {
		strategy = "Recreate" // one pod alone may have the storage
	}
	spec["strategy"] = object{"type": strategy}
	spec["triggers"] = list{object{"type": "ConfigChange"}}
}

// constrain leaves to the security context constraints whom the pod runs as.
func constrain(s platform.Spec, live kube.Live, pod, c object, own bool) {
	for _, field := range []string{"automountServiceAccountToken", "enableServiceLinks", "topologySpreadConstraints"} {
		delete(pod, field) // the image needs its token; the others are younger than OpenShift 3
	}
	security := pod["securityContext"].(object)
	for _, field := range []string{"runAsNonRoot", "runAsUser", "seccompProfile"} {
		delete(security, field)
	}
	if len(security) == 0 {
		delete(pod, "securityContext")
	}
	mine, _ := c["securityContext"].(object)
	if !own || privileged(s, live) {
		mine = object{}
	}
	mine["privileged"] = privileged(s, live)
	c["securityContext"] = mine
}

// privileged is what a directory of the node needs. A pod that is so already stays so with
// its storage: as somebody else it could not write what is there.
func privileged(s platform.Spec, live kube.Live) bool {
	if s.Storage.Kind() == platform.KindHostPath {
		return true
	}
	return live.Privileged() && live.Storage().Kind() != platform.KindHostPath
}

// files mounts secrets as OpenShift does: whole, readable for whomever the pod runs as. Of
// those that regctl has made the pod sees only what it needs.
func files(s platform.Spec, volume object) {
	secret, _ := volume["secret"].(object)
	if secret == nil {
		return
	}
	delete(secret, "defaultMode")
	if secret["secretName"] == s.TLS.Secret && s.TLS.Secret != s.Name+"-tls" {
		delete(secret, "items")
	}
}

// dropKeys takes the file of an object store's keys away, where the image has them in variables.
func dropKeys(store platform.ObjectStore, pod, c object) {
	if store == nil {
		return
	}
	keys, _ := store.Keys(false) // the change of the secret says what is wrong with its content
	if slices.ContainsFunc(keys, func(k platform.Credential) bool { return k.File != "" }) {
		return
	}
	drop(pod, c, kube.StoreVolume(store))
}

// drop takes volumes away by their names.
func drop(pod, c object, names ...string) {
	gone := func(item any) bool {
		name, _ := item.(object)["name"].(string)
		return slices.Contains(names, name)
	}
	pod["volumes"] = slices.DeleteFunc(pod["volumes"].(list), gone)
	c["volumeMounts"] = slices.DeleteFunc(c["volumeMounts"].(list), gone)
}
