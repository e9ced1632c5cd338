// Lab runs a Kubernetes node to try things on, until it is interrupted. With -api it
// runs the API server alone, which needs no root; with -openshift 3 or 4 too, one that has OpenShift's
// kinds, and what acts on them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/regctl/regctl/e2e/cluster"
	"github.com/regctl/regctl/e2e/cluster/openshift"
	"github.com/regctl/regctl/e2e/cluster/sandbox"
	"github.com/regctl/regctl/e2e/scripts"
)

func main() {
	api := flag.Bool("api", false, "an API server with its controllers, but no node; needs no root")
	version := flag.Int("openshift", 0, "with -api: the kinds of OpenShift 3 or 4")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *api, *version); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, api bool, version int) error {
	set, err := setOf(api, version)
	if err != nil {
		return err
	}
	cache, err := cluster.CacheDir()
	if err != nil {
		return err
	}
	if api {
		return runAPI(ctx, cache, set)
	}
	if sandbox.Inside() {
		return runNode(ctx, cache)
	}
	if os.Getuid() != 0 {
		return errors.New("a node needs root (sudo); with -api there is an API server without a node, for which any user will do")
	}
	if _, err := cluster.Build(ctx, cache, say); err != nil {
		return err
	}
	if err := cluster.Install(ctx, say); err != nil {
		return err
	}
	code, err := sandbox.Run(ctx, os.Stdout, os.Stderr)
	if err == nil && code != 0 {
		err = fmt.Errorf("the node ended with status %d", code)
	}
	return err
}

func say(what string) { fmt.Fprintln(os.Stderr, what) }

// setOf is what is to be installed on the API server; nil: nothing.
func setOf(api bool, version int) (*openshift.Set, error) {
	sets := map[int]openshift.Set{3: openshift.Three(), 4: openshift.Four()}
	set, ok := sets[version]
	switch {
	case version == 0:
		return nil, nil //nolint:nilnil // nothing is asked for
	case !ok || !api:
		return nil, errors.New("-openshift is 3 or 4, and goes with -api")
	}
	return &set, nil
}

func runAPI(ctx context.Context, cache string, set *openshift.Set) (err error) {
	bin, err := cluster.Build(ctx, cache, say, cluster.APIPrograms()...)
	if err != nil {
		return err
	}
	base, err := os.MkdirTemp("", "regctl-e2e-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(base)) }()
	c, err := cluster.StartAPI(ctx, filepath.Join(base, "api"), cluster.Options{Bin: bin, Users: scripts.Users()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Stop()) }()
	if set != nil {
		if err := openshift.Install(ctx, c, *set); err != nil {
			return err
		}
		stop, err := openshift.Play(ctx, c, *set, say)
		if err != nil {
			return err
		}
		defer stop()
	}
	fmt.Printf(`The API server is ready. In another terminal:

  export KUBECONFIG=%s PATH=%s:$PATH

Beside it are the kubeconfigs of users who have a token: user-boss.kubeconfig, an admin's, user-dev and user-jane.
Ctrl-C stops it and removes all it has stored.
`, c.Kubeconfig(), bin)
	<-ctx.Done()
	return nil
}

// runNode is what happens in the sandbox.
func runNode(ctx context.Context, cache string) error {
	pid, err := sandbox.Enter()
	if err != nil {
		return err
	}
	bin, err := cluster.Build(ctx, cache, say)
	if err != nil {
		return err
	}
	n, err := cluster.StartNode(ctx, filepath.Join(os.TempDir(), "node"), cluster.Options{Bin: bin})
	if err != nil {
		return err
	}
	fmt.Printf(`The node is Ready. To enter it, as root in another terminal:

  nsenter --target %s --net --mount --pid --uts env KUBECONFIG=%s PATH=%s:$PATH bash

In there, kubectl works, pods and Services have addresses, and images come in by

  ctr --address %s -n k8s.io images import FILE

Ctrl-C stops it and removes all it has stored.
`, pid, n.Kubeconfig(), bin, n.Containerd())
	<-ctx.Done()
	return n.Stop()
}
