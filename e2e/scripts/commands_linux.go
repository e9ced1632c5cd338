package scripts

import (
	"errors"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience is the limit of what takes seconds on an idle machine.
const patience = 2 * time.Minute

// Commands are what all scripts can do beyond testscript's own.
func Commands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	return map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"status": status, "example": example, "eventually": eventually,
		"one-error": oneError, "hinted": hinted, // errors_linux.go
	}
}

// status CODE COMMAND ARGS...: fails unless the command ends with exactly this
// exit status; its streams are then there for stdout and stderr.
func status(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("%s: exit status %d, want %s", strings.Join(args[1:], " "), code, args[0])
	}
}

// eventually COMMAND ARGS...: runs the command again and again until it ends well.
func eventually(ts *testscript.TestScript, _ bool, args []string) {
	for limit := time.Now().Add(patience); ; time.Sleep(500 * time.Millisecond) {
		err := ts.Exec(args[0], args[1:]...)
		if err == nil {
			return
		}
		if time.Now().After(limit) {
			ts.Fatalf("%s: not within %v: %v", strings.Join(args, " "), patience, err)
		}
	}
}

// example [OLD=NEW]... -- COMMAND PATH: runs every line of the examples that the
// command's help prints, through sh, with OLD replaced by NEW.
func example(ts *testscript.TestScript, _ bool, args []string) {
	var swaps []string
	for len(args) > 0 && args[0] != "--" {
		old, repl, _ := strings.Cut(args[0], "=")
		swaps, args = append(swaps, old, repl), args[1:]
	}
	if len(args) < 2 {
		ts.Fatalf("usage: example [OLD=NEW]... -- COMMAND PATH")
	}
	ts.Check(ts.Exec("regctl", append([]string{"help"}, args[1:]...)...))
	found := regexp.MustCompile(`(?ms)^Examples?:\n(.*?)(\n\S|\z)`).FindStringSubmatch(ts.ReadFile("stdout"))
	if found == nil {
		ts.Fatalf("no example for %q", strings.Join(args[1:], " "))
	}
	script := strings.NewReplacer(swaps...).Replace(found[1])
	for line := range strings.SplitSeq(strings.ReplaceAll(script, "\\\n", ""), "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := ts.Exec("sh", "-e", "-c", line); err != nil {
			ts.Fatalf("example of %s: %s: %v", strings.Join(args[1:], " "), line, err)
		}
	}
}
