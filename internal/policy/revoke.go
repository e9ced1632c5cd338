package policy

import (
	"context"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
)

// RevokeRegistry is the changes that take from service accounts of the client's namespace, which
// are about to be deleted, the permissions that registries on OpenShift have: left behind, they would be those of whoever
// makes an account of that name next.
func RevokeRegistry(ctx context.Context, c *cluster.Client, accounts []string) ([]plan.Change, error) {
	openshift, err := OpenShift(c)
	if err != nil || !openshift || len(accounts) == 0 {
		return nil, err
	}
	who := Subjects{Accounts: accounts}
	changes, _, err := Binding{Role: "system:registry", Everywhere: true, Subjects: who}.Remove(ctx, c)
	if err != nil {
		return nil, err
	}
	more, _, err := SCC{Name: "privileged", Subjects: who}.Remove(ctx, c)
	return append(changes, more...), err
}
