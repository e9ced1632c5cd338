package scripts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/regctl/regctl/e2e/cluster"
)

// Main is what TestMain of tests against an API server does: it builds what they
// need, has them run, and returns the exit status. ctx ends on an interrupt; base is a folder
// that is removed in the end, kube that of Kubernetes' programs. regctl and kubectl are on PATH.
func Main(name string, run func(ctx context.Context, base, kube string) (int, error)) (code int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	code, err := inFolder(ctx, name, run)
	if err != nil {
		fmt.Fprintf(os.Stderr, "FAIL: e2e/%s: %v\n", name, err)
		return 1
	}
	return code
}

func inFolder(ctx context.Context, name string, run func(ctx context.Context, base, kube string) (int, error)) (code int, err error) {
	base, err := os.MkdirTemp("", "regctl-e2e-"+name+"-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(base)) }()
	kube, err := programs(ctx, filepath.Join(base, "bin"))
	if err != nil {
		return 0, err
	}
	return run(ctx, base, kube)
}

// programs builds regctl into the folder bin, and Kubernetes' programs, and puts them on PATH.
func programs(ctx context.Context, bin string) (kube string, err error) {
	cache, err := cluster.CacheDir()
	if err != nil {
		return "", err
	}
	kube, err = cluster.Build(ctx, cache, func(what string) { fmt.Println(what) }, cluster.APIPrograms()...)
	if err != nil {
		return "", err
	}
	if err := Build(ctx, bin); err != nil {
		return "", err
	}
	return kube, os.Setenv("PATH", bin+":"+kube+":"+os.Getenv("PATH"))
}
