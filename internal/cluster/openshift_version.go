package cluster

import (
	"context"
	"encoding/json"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// OpenShiftVersion is the version that an OpenShift 3 tells of itself, such as
// v3.11.0+d4cacc0; "" where the server does not say it.
func (c *Client) OpenShiftVersion(ctx context.Context) (string, error) {
	b, err := c.Discovery.RESTClient().Get().AbsPath("/version/openshift").DoRaw(ctx)
	if apierrors.IsNotFound(err) || apierrors.IsForbidden(err) {
		return "", nil
	}
	if err != nil {
		return "", c.Explain("version", err)
	}
	var said struct{ GitVersion string }
	if json.Unmarshal(b, &said) != nil {
		return "", nil //nolint:nilerr // something else answers there
	}
	return said.GitVersion, nil
}
