package platforms

import (
	"context"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform/openshift4"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/trust"
)

// A Truster manages which registries' CAs the nodes of a cluster trust.
type Truster interface {
	// Add finds the changes after which the CA (PEM) is trusted for the hosts.
	Add(ctx context.Context, hosts []trust.Host, ca []byte) ([]plan.Change, error)
	// AddInsecure finds those after which the certificates of the hosts are not verified.
	AddInsecure(ctx context.Context, hosts []trust.Host) ([]plan.Change, error)
	Remove(ctx context.Context, hosts []trust.Host, insecureOnly bool) ([]plan.Change, error)
	List(ctx context.Context, now time.Time) ([]trust.Entry, error)
}

// OpenTrust is the trust of a whole OpenShift 4; offline it is for plans that need no cluster.
func OpenTrust(o Options) (Truster, error) {
	if o.Offline {
		return openshift4.Trust{Client: &cluster.Client{Namespace: "default"}, Warn: o.Warn}, nil
	}
	client, err := o.Client()
	if err != nil {
		return nil, err
	}
	if err := hasOperator(client); err != nil {
		return nil, hint.New(err, "omit --platform to use this machine")
	}
	return openshift4.Trust{Client: client, Warn: o.Warn}, nil
}
