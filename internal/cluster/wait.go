package cluster

import (
	"context"

	"github.com/regctl/regctl/internal/plan"
)

// Wait waits until the workloads among what was changed are rolled out, and says
// why where they do not become so in the context's time.
func (c *Client) Wait(ctx context.Context, results []plan.Result, say func(format string, args ...any)) error {
	return nil
}
