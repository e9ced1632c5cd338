package workload

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/json"
)

// Source is where the content of a volume comes from, in the form of a volume of a
// pod without its name: one key, the kind, such as {"secret": {"secretName": "certs"}}.
type Source map[string]any

// ParseSource reads a source as JSON. An unknown kind or field is refused: a server
// would take what is left for an empty directory, and everything written there would be lost.
func ParseSource(s string) (Source, error) {
	var keys map[string]any
	var typed corev1.VolumeSource
	strict, err := json.UnmarshalStrict([]byte(s), &typed)
	if err == nil {
		err = errors.Join(strict...)
	}
	if err == nil {
		err = json.UnmarshalCaseSensitivePreserveInts([]byte(s), &keys)
	}
	if err != nil {
		return nil, fmt.Errorf("--source: %w", err)
	}
	if len(keys) > 1 {
		return nil, fmt.Errorf("--source: must provide only one volume for --source, not %s", strings.Join(slices.Sorted(maps.Keys(keys)), " and "))
	}
	source, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&typed)
	if err != nil {
		return nil, fmt.Errorf("--source: %w", err)
	}
	if len(source) != 1 {
		return nil, errors.New(`--source: no volume specified; write it as {"nfs":{"server":"HOST","path":"/DIR"}}`)
	}
	return source, nil
}

// kind is the one key of a source.
func (s Source) kind() string {
	for _, k := range slices.Sorted(maps.Keys(s)) {
		return k
	}
	return ""
}

func (s Source) fields() map[string]any {
	m, _ := s[s.kind()].(map[string]any)
	return m
}

// sourceOf is the source of a volume of a pod.
func sourceOf(volume map[string]any) Source {
	s := maps.Clone(volume)
	delete(s, "name")
	return s
}

// Persistent tells whether what is written to it outlives the pod.
func (s Source) Persistent() bool {
	switch s.kind() {
	case "", "emptyDir", "ephemeral", "gitRepo", "secret", "configMap", "downwardAPI", "projected", "image":
		return false
	}
	return true
}

// same tells whether two sources are equal once the server has filled in its defaults.
func (s Source) same(other Source) bool {
	return s.kind() == other.kind() && reflect.DeepEqual(s.filled(), other.filled())
}

func (s Source) filled() map[string]any {
	all := map[string]any{}
	switch s.kind() {
	case "secret", "configMap", "projected", "downwardAPI":
		all["defaultMode"] = int64(0o644)
	case "hostPath":
		all["type"] = ""
	case "iscsi":
		all["iscsiInterface"] = "default"
	case "rbd":
		all["pool"], all["user"], all["keyring"] = "rbd", "admin", "/etc/ceph/keyring"
	case "azureDisk":
		all["cachingMode"], all["fsType"], all["readOnly"], all["kind"] = "ReadWrite", "ext4", false, "Shared"
	case "scaleIO":
		all["storageMode"], all["fsType"] = "ThinProvisioned", "xfs"
	}
	maps.Copy(all, s.fields())
	return all
}

// String says it as lists do: secret/certs, NFS nas:/images, empty directory.
func (s Source) String() string {
	f := s.fields()
	switch s.kind() {
	case "emptyDir":
		return "empty directory"
	case "hostPath":
		return "host path " + stringField(f, "path")
	case "nfs":
		return "NFS " + stringField(f, "server") + ":" + stringField(f, "path")
	case "secret":
		return "secret/" + stringField(f, "secretName")
	case "configMap":
		return "configMap/" + stringField(f, "name")
	case "persistentVolumeClaim":
		return "pvc/" + stringField(f, "claimName")
	case "awsElasticBlockStore":
		return "AWS EBS " + stringField(f, "volumeID")
	case "csi":
		return "CSI " + stringField(f, "driver")
	case "":
		return "unknown"
	}
	return s.kind()
}

// phrase is the source inside a sentence.
func (s Source) phrase() string {
	if s.kind() == "emptyDir" {
		return "an empty directory"
	}
	return s.String()
}

// Object is the claim, secret or config map that a source names; false where it names none.
func (s Source) Object(namespace string) (cluster.Ref, bool) {
	field, kind := "", ""
	switch s.kind() {
	case "persistentVolumeClaim":
		field, kind = "claimName", "PersistentVolumeClaim"
	case "secret":
		field, kind = "secretName", "Secret"
	case "configMap":
		field, kind = "name", "ConfigMap"
	default:
		return cluster.Ref{}, false
	}
	return cluster.Ref{GVK: cluster.GVK{Version: "v1", Kind: kind}, Namespace: namespace, Name: stringField(s.fields(), field)}, true
}
