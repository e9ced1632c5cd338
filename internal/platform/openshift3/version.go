package openshift3

import (
	"context"
	"fmt"
	"regexp"
)

// images is how OpenShift calls its images.
const images = "openshift/origin-${component}:${version}"

// newest is the version where the cluster does not tell its own: the last OpenShift 3.
const newest = "v3.11.0"

// version is the cluster's, as the tags of its images have it.
func (f flavor) version(ctx context.Context) (string, error) {
	if f.Client.Offline() {
		return newest, nil
	}
	said, err := f.Client.OpenShiftVersion(ctx)
	if err != nil {
		return "", err
	}
	if v := regexp.MustCompile(`^v[0-9]+\.[0-9]+\.[0-9]+`).FindString(said); v != "" {
		return v, nil
	}
	major, minor, err := f.Client.Version(ctx)
	if err == nil && major == 1 && minor >= 6 && minor <= 11 { // OpenShift 3.N is Kubernetes 1.N
		return fmt.Sprintf("v3.%d.0", minor), nil
	}
	return newest, err
}
