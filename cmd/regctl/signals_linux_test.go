package main

import (
	"bytes"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// TestSignals runs testdata/signals: what a signal does to a command on a terminal.
func TestSignals(t *testing.T) {
	cmds := maps.Clone(commands)
	cmds["silent"], cmds["signaled"] = silent, signaled
	testscript.Run(t, testscript.Params{Dir: "../../testdata/signals", Setup: setup, Cmds: cmds, RequireExplicitExec: true})
}

// silent VAR: sets VAR to the address of a server that accepts connections and never
// answers. It creates the file $WORK/VAR when it has received a request.
func silent(ts *testscript.TestScript, _ bool, args []string) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { ln.Close() })
	ts.Setenv(args[0], ln.Addr().String())
	received := ts.MkAbs(args[0])
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if _, err := conn.Read(make([]byte, 1)); err == nil {
					_ = os.WriteFile(received, nil, 0o600)
				}
				_, _ = conn.Read(make([]byte, 1<<16)) // the rest of the request
				_, _ = conn.Read(make([]byte, 1))     // until the client has closed the connection
			}()
		}
	}()
}

// signaled SIGNAL STATUS WHEN COMMAND ARGS...: runs a command on a terminal, sends it
// INT or TERM as soon as the file WHEN exists or the terminal shows the text WHEN, and
// fails unless the command then ends with STATUS. What the terminal shows is written
// to $WORK/screen.
func signaled(ts *testscript.TestScript, _ bool, args []string) {
	signal := map[string]os.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM}[args[0]]
	path, err := exec.LookPath(args[3])
	ts.Check(err)
	user, tty := terminal(ts)
	cmd := exec.Command(path, args[4:]...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), environment(ts)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	ts.Check(cmd.Start())
	ts.Check(tty.Close())
	var screen screen
	read := make(chan struct{})
	go func() { defer close(read); _, _ = screen.ReadFrom(user) }()
	for range 300 {
		if _, err := os.Stat(ts.MkAbs(args[2])); err == nil || strings.Contains(screen.String(), args[2]) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Check(cmd.Process.Signal(signal))
	timeout := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
	defer timeout.Stop()
	_ = cmd.Wait()
	<-read
	ts.Check(os.WriteFile(ts.MkAbs("screen"), []byte(screen.String()), 0o600))
	if got := strconv.Itoa(cmd.ProcessState.ExitCode()); got != args[1] {
		ts.Fatalf("%s: %v, want exit status %s:\n%s", strings.Join(args[3:], " "), cmd.ProcessState, args[1], screen.String())
	}
}

// environment is what a script has set, for commands that are not started by testscript.
func environment(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "WORK", "XDG_RUNTIME_DIR", "NO_COLOR", "REGCTL_SERVE_TRUST", "KUBECONFIG"} {
		env = append(env, name+"="+ts.Getenv(name))
	}
	return env
}

// terminal opens a pseudoterminal: what the user types and sees, and what the program gets.
func terminal(ts *testscript.TestScript) (user, tty *os.File) {
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	ts.Check(err)
	ts.Defer(func() { user.Close() })
	ts.Check(unix.IoctlSetPointerInt(int(user.Fd()), unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(int(user.Fd()), unix.TIOCGPTN)
	ts.Check(err)
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	ts.Check(err)
	return user, tty
}

// screen is a buffer that is read while it grows.
type screen struct {
	sync.Mutex
	text bytes.Buffer
}

func (s *screen) ReadFrom(f *os.File) (int64, error) {
	buf := make([]byte, 4096)
	for {
		n, err := f.Read(buf)
		s.Lock()
		s.text.Write(buf[:n])
		s.Unlock()
		if err != nil { // EIO: the last process that had the terminal has ended
			return 0, err
		}
	}
}

func (s *screen) String() string {
	s.Lock()
	defer s.Unlock()
	return s.text.String()
}
