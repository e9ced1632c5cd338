package openshift

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/regctl/regctl/e2e/cluster"
)

// Set is what is installed.
type Set struct {
	manifests []string // files of the module that hold CRDs, as patterns
	objects   []string // folders below files
	operator  bool     // of the image registry
}

// Three is OpenShift 3: no registry operator, and no config.openshift.io.
func Three() Set {
	return Set{
		manifests: []string{"route/v1/*/routes.crd.yaml", "security/v1/*/*_securitycontextconstraints.crd.yaml"},
		objects:   []string{"every", "three"},
	}
}

// Four is OpenShift 4. What is there in the end is what a new cluster on bare metal
// has: the registry is Removed.
func Four() Set {
	s := Three()
	s.objects, s.operator = []string{"every", "four"}, true
	s.manifests = append(s.manifests, "imageregistry/v1/zz*/*.crd.yaml")
	for _, kind := range []string{
		"images", "imagedigestmirrorsets", "imagetagmirrorsets", "infrastructures-Default", "ingresses-Default", "oauths", "clusteroperators",
	} {
		s.manifests = append(s.manifests, "config/v1/zz_generated.crd-manifests/*_"+kind+".crd.yaml")
	}
	return s
}

// files are objects, in folders that are applied one after the other.
//
//go:embed files
var files embed.FS

// Install installs the set on a running API server. It is to be called in a folder of
// the module e2e, whose go.mod names the version of the kinds.
func Install(ctx context.Context, c *cluster.Cluster, set Set) error {
	if err := installKinds(ctx, c, set); err != nil {
		return err
	}
	for _, dir := range set.objects {
		if err := applyFiles(ctx, c, "files/"+dir); err != nil {
			return err
		}
	}
	return nil
}

func installKinds(ctx context.Context, c *cluster.Cluster, set Set) error {
	module, err := moduleDir(ctx)
	if err != nil {
		return err
	}
	var args []string
	for _, pattern := range set.manifests {
		found, err := filepath.Glob(filepath.Join(module, pattern))
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("%s: no such file in %s", pattern, module)
		}
		for _, file := range found {
			args = append(args, "-f", file)
		}
	}
	if err := apply(ctx, c, nil, args...); err != nil {
		return err
	}
	crds, err := aggregated(filepath.Join(module, "openapi", "openapi.json"))
	if err != nil {
		return err
	}
	if err := apply(ctx, c, crds, "-f", "-"); err != nil {
		return err
	}
	_, err = c.Kubectl(ctx, nil, "wait", "--for=condition=Established", "--timeout=60s", "crd", "--all")
	return err
}

// moduleDir is where Go keeps github.com/openshift/api.
func moduleDir(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/openshift/api")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", cmd, err, stderr.Bytes())
	}
	return strings.TrimSpace(string(out)), nil
}

// applyFiles applies all files of a folder.
func applyFiles(ctx context.Context, c *cluster.Cluster, dir string) error {
	entries, err := files.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		data, err := files.ReadFile(dir + "/" + entry.Name())
		if err != nil {
			return err
		}
		if err := apply(ctx, c, data, "-f", "-"); err != nil {
			return fmt.Errorf("%s: %w", entry.Name(), err)
		}
	}
	return nil
}

func apply(ctx context.Context, c *cluster.Cluster, stdin []byte, args ...string) error {
	_, err := c.Kubectl(ctx, bytes.NewReader(stdin), append([]string{"apply", "--server-side", "--force-conflicts", "--field-manager=openshift"}, args...)...)
	return err
}
