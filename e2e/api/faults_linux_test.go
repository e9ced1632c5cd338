package api

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// maxRequests is more than any command needs.
const maxRequests = 300

// trial is a namespace in which two shell scripts are run: one that prepares it, and
// one of regctl commands, whose requests go by way of a proxy.
type trial struct {
	ts           *testscript.TestScript
	before, acts string // files
	proxy        *proxy
	ns, home     string
}

// interrupted BEFORE ACTS: for each request that the commands in the shell script
// ACTS make, and each fault, in a fresh namespace prepared by the script BEFORE: the commands are
// run with that fault, and then once more without. What is there in the end must be
// what is there when nothing has failed.
func interrupted(ts *testscript.TestScript, _ bool, args []string) {
	p := proxyOf(ts)
	start := func(name string) *trial {
		t := &trial{ts: ts, before: ts.MkAbs(args[0]), acts: ts.MkAbs(args[1]), proxy: p, ns: ts.Getenv("NS") + "-" + name + "z", home: ts.MkAbs("trial-" + name)}
		t.prepare()
		return t
	}
	want := start("one").undisturbed()
	may := random(want, start("two").undisturbed())
	said := map[string]bool{}
	for _, how := range []fault{lost, unanswered, refused} {
		at := 1
		for ; at < maxRequests; at++ {
			t := start(fmt.Sprintf("%s-%d", how, at))
			hit, err := t.act(at, how)
			if !hit {
				break
			}
			request := p.requests()[at-1]
			t.failed(request, how, err, said)
			if _, err := t.act(0, ""); err != nil {
				ts.Fatalf("run again after request %d (%s) was %s: %v\n%s", at, request, how, err, p.troubles())
			}
			got, err := settled(t.ns)
			ts.Check(err)
			if diff := differences(want, got, may); len(diff) > 0 {
				ts.Fatalf("run again after request %d (%s) was %s, it is not what it is after an undisturbed run:\n%s", at, request, how, strings.Join(diff, "\n"))
			}
		}
		ts.Logf("%s: each of %d requests", how, at-1)
	}
	ts.Logf("%s", p.troubles())
}

func (t *trial) prepare() {
	t.ts.Check(newNamespace(t.ns))
	t.ts.Check(os.Mkdir(t.home, 0o700))
	t.ts.Check(t.proxy.kubeconfig(filepath.Join(t.home, "kubeconfig"), t.ns))
	t.proxy.reset(0, "")
	t.ts.Check(t.run(t.before))
}

func (t *trial) undisturbed() snapshot {
	if _, err := t.act(0, ""); err != nil {
		t.ts.Fatalf("undisturbed: %v\n%s", err, t.proxy.troubles())
	}
	s, err := settled(t.ns)
	t.ts.Check(err)
	return s
}

// act runs the commands; hit tells whether the fault has happened.
func (t *trial) act(at int, how fault) (hit bool, err error) {
	t.proxy.reset(at, how)
	err = t.run(t.acts)
	return at > 0 && len(t.proxy.requests()) >= at, err
}

func (t *trial) run(script string) error {
	cmd := exec.Command("sh", "-e", script)
	cmd.Dir = t.ts.MkAbs(".")
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.home, "TMPDIR=" + t.ts.Getenv("TMPDIR"),
		"NS=" + t.ns, "KUBECONFIG=" + filepath.Join(t.home, "kubeconfig"),
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, bytes.TrimSpace(out))
	}
	return err
}

// failed checks how the commands have ended: well, where the request could be sent
// again at once, or with one error.
func (t *trial) failed(request string, how fault, err error, said map[string]bool) {
	if err == nil {
		return
	}
	text := err.Error()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != 1 || len(regexp.MustCompile(`(?m)^error: `).FindAllString(text, -1)) != 1 || strings.Contains(text, "goroutine ") {
		t.ts.Fatalf("%s of %s: not one error and exit status 1: %v", how, request, err)
	}
	message := regexp.MustCompile(`(?m)^error: .*(\n.*)*`).FindString(text)
	message = strings.ReplaceAll(strings.ReplaceAll(message, t.ns, "NS"), t.proxy.server.URL, "SERVER")
	if !said[message] {
		said[message] = true
		t.ts.Logf("%s of %s:\n%s", how, strings.ReplaceAll(request, t.ns, "NS"), message)
	}
}
