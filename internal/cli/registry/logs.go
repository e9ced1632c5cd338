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

// logReader prints the logs of all pods of a registry.
type logReader struct {
	pipeline.ClusterFlags
	o pods.LogOptions

	env    *cmdutil.Env
	client *cluster.Client
	name   string

	mu     sync.Mutex // guards the output, so that lines of pods do not mix
	prefix bool
}

func newRegistryLogs(env *cmdutil.Env) *cobra.Command {
	l := &logReader{env: env}
	cmd := &cobra.Command{
		Use:   "logs [NAME]",
		Short: "Print the logs of a registry's pods",
		Long: `Print the logs of all pods of a registry. With several pods, each line begins with the
name of the pod.

--follow prints new lines until interrupted. It includes new pods, to watch a rollout.`,
		Example: `  regctl registry logs --tail 20
  regctl registry logs --since 10m --timestamps`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: registryNames(env, &l.ClusterFlags),
	}
	l.Add(env, cmd)
	f := cmd.Flags()
	f.BoolVarP(&l.o.Follow, "follow", "f", false, "print new lines until interrupted")
	f.BoolVarP(&l.o.Previous, "previous", "p", false, "print the logs of the containers before their last restart")
	f.BoolVar(&l.o.Timestamps, "timestamps", false, "prefix each line with its timestamp")
	f.Int64Var(&l.o.Tail, "tail", -1, "number of `lines` of each pod; -1 is all")
	f.DurationVar(&l.o.Since, "since", 0, "only lines newer than this `duration`: 10m")
	f.StringVarP(&l.o.Container, "container", "c", "", "`container` name (default: the registry's)")
	f.BoolVar(&l.prefix, "prefix", false, "prefix each line with the pod's name, even for a single pod")
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

// pods returns the names of all pods, the oldest first.
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

// verdict warns if some pods have no log, and fails with the pod's reason
// if none has one.
func (l *logReader) verdict(ctx context.Context, workload *cluster.Object, pods []string, failed []error) error {
	if len(failed) < len(pods) {
		for _, err := range failed {
			l.env.Warn("%v", err)
		}
		return nil
	}
	if l.o.Previous && len(failed) > 0 {
		return hint.New(failed[0], "omit --previous: the container has not restarted")
	}
	if r, err := wait.Diagnose(ctx, l.client, workload); err == nil && r != nil {
		return hint.Errorf(r.Advice, "%s: no log: %w", l.name, errors.New(r.String()))
	}
	if len(failed) > 0 {
		return failed[0]
	}
	return hint.Errorf("regctl registry status "+l.name+" -n "+l.client.Namespace, "%s: no pods found", l.name)
}

// follow reads the logs of all pods concurrently, and looks for new pods every two seconds.
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
			l.env.Say("%s: waiting for a pod", l.name)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * time.Second):
		}
	}
}

// followPod waits until the container has started, and resumes its log
// after an interruption or a restart, until the pod is deleted.
func (l *logReader) followPod(ctx context.Context, pod string) {
	o := l.o
	o.Timestamps = true // resumes the log without repeating lines
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

// copy prints the log of one pod line by line.
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
