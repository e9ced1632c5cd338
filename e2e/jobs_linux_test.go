package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience is how long a script waits for something that takes seconds on an idle
// machine. No test passes or fails by time, unless something hangs.
const patience = 2 * time.Minute

// jobs are the programs that a script runs in the background.
type jobs struct {
	env    *testscript.Env
	byName map[string]*job
	names  []string // in the order of their start
}

type job struct {
	cmd   *exec.Cmd
	log   string // file with both streams, of all runs under this name
	skip  int    // bytes of the log that belong to earlier runs
	ended chan struct{}
}

type jobsKey struct{}

func (*jobs) key() any { return jobsKey{} }

func jobsOf(ts *testscript.TestScript) *jobs { return ts.Value(jobsKey{}).(*jobs) }

func (j *jobs) get(ts *testscript.TestScript, name string) *job {
	if j.byName[name] == nil {
		ts.Fatalf("%s was not started", name)
	}
	return j.byName[name]
}

// start NAME COMMAND ARGS...: runs a program in the background; what it says is in $WORK/NAME.log.
func start(ts *testscript.TestScript, _ bool, args []string) {
	j, name := jobsOf(ts), args[0]
	path, err := exec.LookPath(args[1])
	ts.Check(err)
	b := &job{log: filepath.Join(ts.Getenv("WORK"), name+".log"), ended: make(chan struct{})}
	out, err := os.OpenFile(b.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	ts.Check(err)
	defer out.Close()
	info, err := out.Stat()
	ts.Check(err)
	b.skip = int(info.Size())
	b.cmd = exec.Command(path, args[2:]...)
	b.cmd.Dir, b.cmd.Env, b.cmd.Stdout, b.cmd.Stderr = ts.MkAbs("."), environ(ts, j.env), out, out
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	ts.Check(b.cmd.Start())
	go func() {
		_ = b.cmd.Wait() // its result is in ProcessState
		close(b.ended)
	}()
	if j.byName[name] == nil {
		j.names = append(j.names, name)
	}
	j.byName[name] = b
}

// environ is the script's environment as it is now: "env" in a script changes it.
func environ(ts *testscript.TestScript, env *testscript.Env) []string {
	vars := slices.Clone(env.Vars)
	for i, v := range vars {
		name := regexp.MustCompile(`^[^=]*`).FindString(v)
		vars[i] = name + "=" + ts.Getenv(name)
	}
	return vars
}

// waitfor NAME REGEXP: waits until the job has said so.
func waitfor(ts *testscript.TestScript, _ bool, args []string) {
	b, want := jobsOf(ts).get(ts, args[0]), regexp.MustCompile("(?m)"+args[1])
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
		over := b.over()
		if want.Match(b.said(ts)) {
			return
		}
		if over {
			ts.Fatalf("%s ended without saying %s: %v", args[0], args[1], b.cmd.ProcessState)
		}
	}
	ts.Fatalf("%s did not say %s within %v", args[0], args[1], patience)
}

func (b *job) over() bool {
	select {
	case <-b.ended:
		return true
	default:
		return false
	}
}

func (b *job) said(ts *testscript.TestScript) []byte {
	all, err := os.ReadFile(b.log)
	ts.Check(err)
	return all[b.skip:]
}

// signal NAME TERM|KILL|HUP: sends a signal to a job that is to be running.
func signalJob(ts *testscript.TestScript, _ bool, args []string) {
	running(ts, false, args)
	b := jobsOf(ts).get(ts, args[0])
	ts.Check(b.cmd.Process.Signal(map[string]syscall.Signal{"TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL, "HUP": syscall.SIGHUP}[args[1]]))
}

// running NAME: fails unless the job still runs.
func running(ts *testscript.TestScript, _ bool, args []string) {
	if b := jobsOf(ts).get(ts, args[0]); b.over() {
		ts.Fatalf("%s has ended: %v", args[0], b.cmd.ProcessState)
	}
}

// finish NAME: waits until a job has ended, and fails unless it did well (with !: unless it did not).
func finish(ts *testscript.TestScript, neg bool, args []string) {
	b := jobsOf(ts).get(ts, args[0])
	select {
	case <-b.ended:
	case <-time.After(patience):
		ts.Fatalf("%s did not end within %v", args[0], patience)
	}
	if b.cmd.ProcessState.Success() == neg {
		ts.Fatalf("%s: %v", args[0], b.cmd.ProcessState)
	}
}

// quit NAME: asks a job to end (SIGTERM), which it must do well.
func quit(ts *testscript.TestScript, _ bool, args []string) {
	signalJob(ts, false, []string{args[0], "TERM"})
	finish(ts, false, args)
}

// end stops what still runs, last first, and shows what all jobs said when the script has failed.
func (j *jobs) end() {
	for _, name := range slices.Backward(j.names) {
		b := j.byName[name]
		_ = b.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-b.ended:
		case <-time.After(20 * time.Second):
		}
		_ = syscall.Kill(-b.cmd.Process.Pid, syscall.SIGKILL) // and its children
		<-b.ended
	}
	t, ok := j.env.T().(interface {
		Failed() bool
		Logf(format string, args ...any)
	})
	if !ok || !t.Failed() {
		return
	}
	for _, name := range j.names {
		said, err := os.ReadFile(j.byName[name].log)
		t.Logf("---- %s said (%v):\n%s", name, j.byName[name].cmd.ProcessState, append(said, orNothing(err)...))
	}
}

func orNothing(err error) string {
	if err != nil {
		return err.Error()
	}
	return ""
}
