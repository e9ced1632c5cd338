package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// process is a program that runs in the background; what it says is in a file.
type process struct {
	name  string
	cmd   *exec.Cmd
	log   string
	ended chan struct{}
}

// launch starts a program that dies with this process. A cgroup (an open folder of a
// cgroup2 file system), where one is given, holds it and all that it starts.
func launch(logDir, name string, cgroup *os.File, program string, args ...string) (*process, error) {
	cmd := exec.Command(program, args...) //nolint:noctx // it outlives the start's context
	p := &process{name: name, cmd: cmd, log: filepath.Join(logDir, name+".log"), ended: make(chan struct{})}
	out, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Dir = out, out, logDir
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if cgroup != nil {
		p.cmd.SysProcAttr.UseCgroupFD, p.cmd.SysProcAttr.CgroupFD = true, int(cgroup.Fd())
	}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // Pdeathsig is about the thread that starts the process: it must stay
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // its result is in ProcessState
			close(p.ended)
		}
	}()
	return p, <-started
}

func (p *process) over() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// kill ends the process, whose files are thrown away anyway, and waits for its end.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// tail is the end of what the process said.
func (p *process) tail(lines int) string {
	said, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(said)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// until waits for check to succeed, for as long as the processes live and ctx lasts.
func until(ctx context.Context, what string, processes []*process, check func(context.Context) error) error {
	for {
		attempt, cancel := context.WithTimeout(ctx, 10*time.Second)
		err := check(attempt)
		cancel()
		if err == nil {
			return nil
		}
		for _, p := range processes {
			if p.over() {
				return fmt.Errorf("%s: %s ended (%v), having said:\n%s", what, p.name, p.cmd.ProcessState, p.tail(15))
			}
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("%s: %w", what, ctx.Err()), err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
