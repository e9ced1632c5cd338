package registry

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/pods"
	"github.com/regctl/regctl/internal/cluster/wait"
	"github.com/regctl/regctl/internal/platform/platforms"
	"github.com/regctl/regctl/internal/survey"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// logReader reads the logs of all pods of a registry.
type logReader struct {
	pipeline.ClusterFlags
	o pods.LogOptions

	env    *cmdutil.Env
	client *cluster.Client
	name   string

	mu     sync.Mutex // of the output: lines of pods do not mix
	prefix bool
}

func newRegistryLogs(env *cmdutil.Env) *cobra.Command {
	l := &logReader{env: env}
	cmd := &cobra.Command{
		Use:   "logs [NAME]",
		Short: "Print what a registry's pods have written",
		Long: `Print the logs of all pods of a registry. Where there are several, each line begins with
its pod's name.

-f goes on until it is interrupted, and follows pods that come later too, so that a
rollout can be watched.`,
		Example: `  regctl registry logs --tail 20
  regctl registry logs --since 10m --timestamps`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: registryNames(env, &l.ClusterFlags),
	}
	l.Add(env, cmd)
	f := cmd.Flags()
	f.BoolVarP(&l.o.Follow, "follow", "f", false, "go on as lines are written, until interrupted")
	f.BoolVarP(&l.o.Previous, "previous", "p", false, "of the containers before their last restart")
	f.BoolVar(&l.o.Timestamps, "timestamps", false, "begin each line with its time")
	f.Int64Var(&l.o.Tail, "tail", -1, "the last `lines` of each pod; -1 is all")
	f.DurationVar(&l.o.Since, "since", 0, "what is newer than this `duration`, such as 10m")
	f.StringVarP(&l.o.Container, "container", "c", "", "the `container` (default the registry's)")
	f.BoolVar(&l.prefix, "prefix", false, "begin each line with its pod's name, even of a single pod")
	cmd.MarkFlagsMutuallyExclusive("follow", "previous")
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		if l.client, err = l.ClusterFlags.Client(env); err != nil {
			return err
		}
		if l.client, l.name, err = platforms.Meant(cmd.Context(), l.client, registryName(args)); err != nil {
			return err
		}
		return unlessStopped(cmd.Context(), l.run(cmd.Context()))
	}
	return cmd
}

func (l *logReader) run(ctx context.Context) error {
	workload, err := survey.Find(ctx, l.client, l.name)
	if err != nil {
		return err
	}
	if l.o.Container == "" {
		t, err := survey.TemplateOf(workload)
		if err != nil {
			return err
		}
		l.o.Container = t.Container.Name
	}
	if l.o.Follow {
		return l.follow(ctx, workload)
	}
	names, err := l.pods(ctx, workload)
	if err != nil {
		return err
	}
	var failed []error
	for _, pod := range names {
		if err := l.copy(ctx, pod, l.o, l.print); err != nil {
			failed = append(failed, err)
		}
	}
	return l.verdict(ctx, workload, names, failed)
}

// pods are the names of all pods, the oldest first, as their lines came.
func (l *logReader) pods(ctx context.Context, workload *cluster.Object) ([]string, error) {
	list, err := pods.Pods(ctx, l.client, workload)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(list))
	for i, p := range list {
		names[len(list)-1-i] = p.Name
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.prefix = l.prefix || len(names) > 1
	return names, nil
}

// verdict: that one pod of several has no log is a warning, that none has is an error
// with the reason of the pod.
func (l *logReader) verdict(ctx context.Context, workload *cluster.Object, pods []string, failed []error) error {
	if len(failed) < len(pods) {
		for _, err := range failed {
			l.env.Warn("%v", err)
		}
		return nil
	}
	if l.o.Previous && len(failed) > 0 {
		return hint.New(failed[0], "leave out --previous: the container has not been restarted")
	}
	if r, err := wait.Diagnose(ctx, l.client, workload); err == nil && r != nil {
		return hint.Errorf(r.Advice, "%s: no log: %w", l.name, errors.New(r.String()))
	}
	if len(failed) > 0 {
		return failed[0]
	}
	return hint.Errorf("regctl registry status "+l.name+" -n "+l.client.Namespace, "%s: it has no pods", l.name)
}

// follow reads all pods at once, and looks every two seconds whether there are new ones.
func (l *logReader) follow(ctx context.Context, workload *cluster.Object) error {
	var readers sync.WaitGroup
	defer readers.Wait()
	known := map[string]bool{}
	for said := false; ; {
		names, err := l.pods(ctx, workload)
		if err != nil && len(known) == 0 {
			return err
		}
		for _, pod := range names {
			if !known[pod] {
				known[pod] = true
				readers.Go(func() { l.followPod(ctx, pod) })
			}
		}
		if len(known) == 0 && !said {
			said = true
			l.env.Say("%s has no pods yet; waiting for one", l.name)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * time.Second):
		}
	}
}

// followPod waits for a container that has not started, and takes its log up again
// where it broke off or the container was restarted, until the pod is gone.
func (l *logReader) followPod(ctx context.Context, pod string) {
	o := l.o
	o.Timestamps = true // by which to go on without a line twice
	show := func(pod, line string) {
		at, text, _ := strings.Cut(line, " ")
		if at <= o.After {
			return
		}
		o.After, o.Tail = at, -1
		if l.o.Timestamps {
			text = line
		}
		l.print(pod, text)
	}
	for said := ""; ; {
		err := l.copy(ctx, pod, o, show)
		ref := cluster.Ref{GVK: cluster.CoreKind("Pod"), Namespace: l.client.Namespace, Name: pod}
		if p, unseen := l.client.Get(ctx, ref); ctx.Err() != nil || p == nil && unseen == nil {
			return
		}
		if err != nil && err.Error() != said {
			said = err.Error()
			l.env.Say("waiting: %v", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(2 * time.Second):
		}
	}
}

// copy shows the log of one pod, line by line.
func (l *logReader) copy(ctx context.Context, pod string, o pods.LogOptions, show func(pod, line string)) error {
	body, err := pods.Logs(ctx, l.client, pod, o)
	if err != nil {
		return err
	}
	defer body.Close()
	lines := bufio.NewReader(body)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			show(pod, strings.TrimSuffix(line, "\n"))
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("pod/%s: %w", pod, err)
		}
	}
}

func (l *logReader) print(pod, line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.prefix {
		line = pod + " " + line
	}
	fmt.Fprintln(l.env.Out, line)
}
