package openshift4

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

const (
	defaultClaim = "image-registry-storage"                    // as the operator calls the one that it makes
	userSecret   = "image-registry-private-configuration-user" //nolint:gosec // a name: where the operator looks for keys that an admin gives
	s3CA         = "image-registry-s3-ca"
	caBundle     = "ca-bundle.crt"

	once = "ReadWriteOnce"
	many = "ReadWriteMany"
)

// fillClaim names the claim that is to be made, and returns the mode of the one that is
// there, or will be; "" where it is unknown. One that is neither there nor to be made is an error.
func (p *Platform) fillClaim(ctx context.Context, s *platform.Spec) (mode string, err error) {
	if s.Storage.Kind() != platform.KindPVC {
		return "", nil
	}
	pvc := s.Storage.PVC
	if pvc.Size != "" {
		pvc.Claim = cmp.Or(pvc.Claim, defaultClaim)
		if size, err := cluster.Quantity(pvc.Size); err == nil { // else check says what is wrong
			pvc.Size = size
		}
	}
	if pvc.Claim == "" {
		return "", nil
	}
	claim, err := p.Client.Get(ctx, claimRef(pvc.Claim))
	switch {
	case err != nil:
		return "", err
	case claim != nil:
		return fillMode(pvc, claim)
	case pvc.Size != "":
		pvc.Mode = cmp.Or(pvc.Mode, once)
	case p.live != nil && s.Operator.State == platform.Managed && !p.operatorMakes(pvc.Claim):
		return "", hint.Errorf("add --claim-size 10Gi to create it, or specify another one: kubectl get pvc -n "+Namespace,
			"%s: not found in namespace %s", claimRef(pvc.Claim), Namespace)
	}
	return pvc.Mode, nil
}

// fillMode fills in the mode of a claim that exists.
func fillMode(pvc *platform.PVC, claim *cluster.Object) (mode string, err error) {
	mode, modes := modesOf(claim)
	if pvc.Mode != "" && !slices.Contains(modes, pvc.Mode) {
		return "", hint.BadUsage(fmt.Errorf("%s: the mode of a claim cannot be changed from %s to %s", claimRef(pvc.Claim), mode, pvc.Mode), "create another one: --claim-name NAME --claim-size SIZE")
	}
	if pvc.Size != "" {
		pvc.Mode = cmp.Or(pvc.Mode, mode)
	}
	return mode, nil
}

// operatorMakes tells whether a claim is the one that the operator makes by itself.
func (p *Platform) operatorMakes(claim string) bool {
	c, err := cluster.Decode[config](p.live)
	if err != nil {
		return false
	}
	part, _ := c.Spec.Storage["pvc"].(object)
	return part != nil && claim == defaultClaim && (part["claim"] == nil || part["claim"] == "")
}

func claimRef(name string) cluster.Ref {
	return cluster.Ref{GVK: cluster.CoreKind("PersistentVolumeClaim"), Namespace: Namespace, Name: name}
}

// modesOf are a claim's access modes, and the one that counts: many, where it is among them.
func modesOf(claim *cluster.Object) (mode string, modes []string) {
	spec, _ := claim.Object["spec"].(object)
	all, _ := spec["accessModes"].(list)
	for _, m := range all {
		text, _ := m.(string)
		modes = append(modes, text)
	}
	switch {
	case slices.Contains(modes, many):
		return many, modes
	case len(modes) > 0:
		return modes[0], modes
	}
	return "", nil
}

// storage is what a storage needs beside the configuration: the claim, the keys of S3, its CA.
func (p *Platform) storage(ctx context.Context, s *platform.Storage) ([]plan.Change, error) {
	switch {
	case s.Kind() == platform.KindPVC && s.PVC.Size != "":
		spec := object{"accessModes": list{s.PVC.Mode}, "resources": object{"requests": object{"storage": s.PVC.Size}}}
		put(spec, "storageClassName", s.PVC.Class)
		claim := newObject("PersistentVolumeClaim", Namespace, s.PVC.Claim)
		claim.Object["spec"] = spec
		return []plan.Change{&change.Apply{Client: p.Client, Object: claim, Concern: "storage"}}, nil
	case s.ObjectStore() != nil:
		return p.storeData(ctx, s.ObjectStore())
	}
	return nil, nil
}

// storeData are the keys of an object store, as the operator reads them, and the CA of its server.
func (p *Platform) storeData(ctx context.Context, store platform.ObjectStore) (changes []plan.Change, err error) {
	if store.Login().Credentials != nil {
		keys, err := store.Keys(false)
		if err != nil {
			return nil, err
		}
		content := map[string][]byte{}
		for _, key := range keys {
			content[key.Variable] = key.Content
		}
		c, err := p.data(ctx, "Secret", Namespace, userSecret, content)
		if err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	if ca := store.TrustedCA(); ca != "" {
		c, err := p.data(ctx, "ConfigMap", configNamespace, s3CA, map[string][]byte{caBundle: []byte(ca)})
		if err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	return changes, nil
}

// storageEdit replaces the storage, where it is another one; what else is set for the same kind is kept.
func (c *config) storageEdit(s *platform.Storage) []func(object) {
	if s == nil {
		return nil
	}
	same := len(c.kinds()) == 1 && c.storage().Kind() == s.Kind() && c.storage().Place() == s.Place()
	if same && s.S3 != nil {
		same = c.storage().S3.Region == s.S3.Region && s.S3.CA == ""
	}
	if same {
		return nil
	}
	return []func(object){func(spec object) {
		old := inner(spec, "storage")
		key, words := wordsOf(s)
		part := inner(old, key)
		for word, value := range words {
			put(part, word, value)
		}
		if ca := s.ObjectStore(); ca != nil && ca.TrustedCA() != "" {
			part["trustedCA"] = object{"name": s3CA}
		}
		storage := object{key: part}
		if kinds := kindsIn(old); len(kinds) == 1 && kinds[0] == key && old["managementState"] != nil {
			storage["managementState"] = old["managementState"]
		}
		spec["storage"] = storage
	}}
}
