package openshift

import (
	"context"
	"strings"

	"github.com/regctl/regctl/e2e/cluster"
)

// Reset makes the settings of the registry operator, and the cluster's for images, what
// they are after Install and Play of Four, whatever has become of them.
func Reset(ctx context.Context, c *cluster.Cluster) error {
	const operator = ".imageregistry.operator.openshift.io"
	err := kubectl(ctx, c,
		"delete configs"+operator+",imagepruners"+operator+",images.config.openshift.io --ignore-not-found cluster",
		"delete imagedigestmirrorsets,imagetagmirrorsets --all",
		"-n openshift-image-registry delete deployments,services,routes --all", // before the claims: pods hold them
		"-n openshift-image-registry delete persistentvolumeclaims,configmaps,secrets --all",
		"-n openshift-config delete configmaps,secrets --all",
	)
	if err != nil {
		return err
	}
	if err := applyFiles(ctx, c, "files/four"); err != nil {
		return err
	}
	return kubectl(ctx, c,
		"wait --for=condition=Removed --timeout=60s configs"+operator+" cluster",
		"wait --for=jsonpath={.status.imageStreamImportMode}=Legacy --timeout=60s images.config.openshift.io cluster",
	)
}

// NewProject makes a namespace and waits until all is there that a new project has.
func NewProject(ctx context.Context, c *cluster.Cluster, name string) error {
	return kubectl(ctx, c,
		"create namespace "+name,
		"wait --for=create --timeout=60s projects "+name,
		"-n "+name+" wait --for=create --timeout=60s serviceaccounts default",
	)
}

func kubectl(ctx context.Context, c *cluster.Cluster, commands ...string) error {
	for _, command := range commands {
		if _, err := c.Kubectl(ctx, nil, strings.Fields(command)...); err != nil {
			return err
		}
	}
	return nil
}
