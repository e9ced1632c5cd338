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

func main() { os.Exit(run(cmdutil.System())) }

func run(env *cmdutil.Env) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		cancel(cmdutil.Signal{Signal: <-signals})
		signal.Reset() // a second signal ends the program at once
	}()
	return cli.Main(ctx, os.Args, env)
}
