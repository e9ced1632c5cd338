// Command regctl gives a cluster, or this machine, a container registry that is
// TLS-secured, trusted, access-controlled, reachable and logged in.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/regctl/regctl/internal/cli"
	"github.com/regctl/regctl/internal/cli/cmdutil"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	code := cli.Main(ctx, os.Args, cmdutil.System())
	stop()
	os.Exit(code)
}
