package openshift

import (
	"context"

	"github.com/regctl/regctl/e2e/cluster"
)

// Reset makes the registry operator's settings, and the cluster's for images, what
// they are after Install of Four.
func Reset(ctx context.Context, c *cluster.Cluster) error {
	for _, args := range [][]string{
		{"delete", "configs.imageregistry.operator.openshift.io,imagepruners.imageregistry.operator.openshift.io,images.config.openshift.io", "cluster"},
		{"delete", "routes,persistentvolumeclaims,configmaps,secrets", "--all", "-n", "openshift-image-registry"},
		{"delete", "configmaps,secrets", "--all", "-n", "openshift-config"},
	} {
		if _, err := c.Kubectl(ctx, nil, append(args, "--ignore-not-found")...); err != nil {
			return err
		}
	}
	return applyFiles(ctx, c, "files/four")
}

// NewProject makes a namespace, in which pods can be made at once.
func NewProject(ctx context.Context, c *cluster.Cluster, name string) error {
	if _, err := c.Kubectl(ctx, nil, "create", "namespace", name); err != nil {
		return err
	}
	_, err := c.Kubectl(ctx, nil, "-n", name, "wait", "--for=create", "serviceaccount/default", "--timeout=60s")
	return err
}
