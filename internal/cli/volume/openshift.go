package volume

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/workload"
)

// addVolume adds a volume to a workload. If that changes an OpenShift workload,
// it warns of restrictions of OpenShift on the volume.
func (o *volumeOptions) addVolume(ctx context.Context, client *cluster.Client, w *cluster.Object, v workload.Volume) (workload.Outcome, error) {
	before := w.DeepCopy()
	out, err := workload.AddVolume(w, v)
	if err != nil || w.GetKind() != "DeploymentConfig" || reflect.DeepEqual(before, w) {
		return out, err
	}
	spec, err := workload.PodSpec(w)
	if err != nil {
		return out, err
	}
	account, _ := spec["serviceAccountName"].(string)
	if account == "" {
		account = "default"
	}
	namespace := w.GetNamespace()
	if namespace == "" {
		namespace = client.Namespace
	}
	if v.Source["nfs"] != nil && !privileged(spec) {
		out.Warnings = append(out.Warnings, fmt.Sprintf("scc/restricted does not allow NFS volumes; use a PVC, or run: regctl policy add-scc-to-user hostmount-anyuid -z %s -n %s", account, namespace))
	}
	source, _ := v.Source["secret"].(map[string]any)
	if secret, _ := source["secretName"].(string); secret != "" && !client.Offline() && !lists(ctx, client, namespace, account, secret) {
		out.Notes = append(out.Notes, fmt.Sprintf("serviceaccount/%s does not list secret/%s; clusters with limitSecretReferences require: regctl secrets link %s %s -n %s", account, secret, account, secret, namespace))
	}
	return out, nil
}

// privileged reports whether a container is privileged: its SCC then allows all volumes.
func privileged(spec map[string]any) bool {
	containers, _ := spec["containers"].([]any)
	return slices.ContainsFunc(containers, func(c any) bool {
		fields, _ := c.(map[string]any)
		security, _ := fields["securityContext"].(map[string]any)
		return security["privileged"] == true
	})
}

// lists reports whether a service account lists a secret as mountable; true if unknown.
func lists(ctx context.Context, client *cluster.Client, namespace, account, secret string) bool {
	ref := cluster.Ref{GVK: cluster.CoreKind("ServiceAccount"), Namespace: namespace, Name: account}
	o, err := client.Get(ctx, ref)
	if err != nil || o == nil {
		return true
	}
	listed, _ := o.Object["secrets"].([]any)
	return slices.ContainsFunc(listed, func(s any) bool {
		fields, _ := s.(map[string]any)
		return fields["name"] == secret
	})
}
