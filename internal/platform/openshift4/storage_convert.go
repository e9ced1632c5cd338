package openshift4

import (
	"cmp"
	"strings"

	"github.com/regctl/regctl/internal/platform"
)

// wordsOf is a storage in the words of the operator's configuration: the key of its kind, and its fields.
func wordsOf(s *platform.Storage) (key string, words map[string]string) {
	switch s.Kind() {
	case platform.KindEmptyDir:
		return "emptyDir", nil
	case platform.KindPVC:
		return "pvc", map[string]string{"claim": s.PVC.Claim}
	case platform.KindS3:
		return "s3", map[string]string{"bucket": s.S3.Bucket, "region": s.S3.Region, "regionEndpoint": s.S3.Endpoint}
	case platform.KindAzure:
		return "azure", map[string]string{"accountName": s.Azure.Account, "container": s.Azure.Container}
	case platform.KindGCS:
		return "gcs", map[string]string{"bucket": s.GCS.Bucket}
	}
	return "", nil
}

// storage is where the images are; nil where it is of no kind, of several, or of one that a Spec cannot say.
func (c *config) storage() *platform.Storage {
	kinds := c.kinds()
	if len(kinds) != 1 {
		return nil
	}
	part, _ := c.Spec.Storage[kinds[0]].(object)
	text := func(key string) string {
		s, _ := part[key].(string)
		return s
	}
	switch kinds[0] {
	case "emptyDir":
		return &platform.Storage{EmptyDir: &platform.EmptyDir{}}
	case "pvc": // without a name it is the one that the operator is about to make
		return &platform.Storage{PVC: &platform.PVC{Claim: cmp.Or(text("claim"), defaultClaim)}}
	case "s3":
		return &platform.Storage{S3: &platform.S3{Bucket: text("bucket"), Region: text("region"), Endpoint: text("regionEndpoint")}}
	case "azure":
		if text("accountName") == "" || text("container") == "" {
			return nil // the operator is about to make them
		}
		return &platform.Storage{Azure: &platform.Azure{Account: text("accountName"), Container: text("container")}}
	case "gcs":
		if text("bucket") == "" {
			return nil
		}
		return &platform.Storage{GCS: &platform.GCS{Bucket: text("bucket")}}
	}
	return nil
}

// checkStore refuses what the operator has no word for.
func checkStore(store platform.ObjectStore) error {
	if store == nil {
		return nil
	}
	bucket := store.Address()
	if azure, ok := store.(*platform.Azure); ok {
		bucket = azure.Container
		if azure.Realm != "" || azure.Endpoint != "" {
			return lacks("azure: a custom realm or endpoint", "omit --azure-realm and --azure-endpoint: the operator uses the cluster's cloud")
		}
	}
	if strings.Contains(bucket, "/") {
		return lacks("bucket "+bucket+": a prefix", "specify only the bucket")
	}
	if secret := store.Login().Secret; secret != "" && secret != userSecret {
		return lacks("secret "+secret, "omit it: the operator reads secret/"+userSecret)
	}
	return nil
}
