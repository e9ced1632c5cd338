package workload

import (
	"encoding/base64"

	"github.com/regctl/regctl/internal/cluster"
)

// Data is what a Secret or ConfigMap holds, decoded, by key.
func Data(o *cluster.Object) map[string]string {
	found := map[string]string{}
	data, _ := o.Object["data"].(map[string]any)
	for key := range data {
		value := stringField(data, key)
		if o.GetKind() == "Secret" {
			if b, err := base64.StdEncoding.DecodeString(value); err == nil {
				value = string(b)
			}
		}
		found[key] = value
	}
	return found
}
