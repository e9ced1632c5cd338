package workload

import (
	"fmt"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Claim is a claim for storage that is to be made.
type Claim struct {
	Namespace, Name string
	Size            string  // 10Gi
	Mode            string  // ReadWriteOnce or rwo, ReadWriteMany or rwm, ReadOnlyMany or rom, ReadWriteOncePod or rwop
	Class           *string // nil is the cluster's default, "" none
}

// ClaimGVK is the kind of claims.
func ClaimGVK() cluster.GVK { return cluster.GVK{Version: "v1", Kind: "PersistentVolumeClaim"} }

// Object is the claim as it is made.
func (c Claim) Object() (*cluster.Object, error) {
	size, err := resource.ParseQuantity(c.Size)
	if err != nil || size.Sign() <= 0 {
		return nil, fmt.Errorf("--claim-size %s: not a size such as 10Gi or 500M", c.Size)
	}
	mode, ok := map[string]string{
		"": "ReadWriteOnce", "rwo": "ReadWriteOnce", "readwriteonce": "ReadWriteOnce",
		"rwm": "ReadWriteMany", "rwx": "ReadWriteMany", "readwritemany": "ReadWriteMany",
		"rom": "ReadOnlyMany", "rox": "ReadOnlyMany", "readonlymany": "ReadOnlyMany",
		"rwop": "ReadWriteOncePod", "readwriteoncepod": "ReadWriteOncePod",
	}[strings.ToLower(c.Mode)]
	if !ok {
		return nil, fmt.Errorf("--claim-mode %s: must be ReadWriteOnce (rwo), ReadWriteMany (rwm), ReadOnlyMany (rom) or ReadWriteOncePod (rwop)", c.Mode)
	}
	spec := map[string]any{
		"accessModes": []any{mode},
		"resources":   map[string]any{"requests": map[string]any{"storage": size.String()}},
	}
	if c.Class != nil {
		spec["storageClassName"] = *c.Class
	}
	o := &cluster.Object{Object: map[string]any{"spec": spec}}
	o.SetGroupVersionKind(ClaimGVK())
	o.SetNamespace(c.Namespace)
	o.SetName(c.Name)
	return o, nil
}

// ClaimSize is the size that a claim asks for.
func ClaimSize(claim *cluster.Object) string {
	return nestedText(claim.Object, "spec", "resources", "requests", "storage")
}

// ClaimState says what a claim has come to, as lists show it; nil is one that does not exist.
func ClaimState(claim *cluster.Object) string {
	if claim == nil {
		return "does not exist"
	}
	if size := nestedText(claim.Object, "status", "capacity", "storage"); size != "" {
		return "allocated " + size + "B"
	}
	return "waiting for " + ClaimSize(claim) + "B allocation"
}

func nestedText(m map[string]any, path ...string) string {
	for ; len(path) > 1; path = path[1:] {
		m, _ = m[path[0]].(map[string]any)
	}
	return stringField(m, path[0])
}

// SameSize tells whether two sizes are equal, however they are written.
func SameSize(a, b string) bool {
	x, err1 := resource.ParseQuantity(a)
	y, err2 := resource.ParseQuantity(b)
	return err1 == nil && err2 == nil && x.Cmp(y) == 0
}
