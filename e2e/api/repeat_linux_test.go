package api

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// through runs a command whose requests go by way of the script's proxy, which counts them.
func through(ts *testscript.TestScript, args []string) []string {
	p, own, path := proxyOf(ts), ts.Getenv("KUBECONFIG"), filepath.Join(ts.Getenv("HOME"), "proxied.kubeconfig")
	ts.Check(p.kubeconfig(path, ts.Getenv("NS")))
	ts.Setenv("KUBECONFIG", path)
	defer ts.Setenv("KUBECONFIG", own)
	p.reset(0, "")
	ts.Check(ts.Exec(args[0], args[1:]...))
	return p.requests()
}

// again COMMAND ARGS...: runs a command that changes something three times. The second
// and the third time all is unchanged: so it says, nothing is written, and each object
// has the resourceVersion and generation that it had.
func again(ts *testscript.TestScript, _ bool, args []string) {
	through(ts, args)
	before, err := settled(ts.Getenv("NS"))
	ts.Check(err)
	for _, time := range []string{"second", "third"} {
		if sent := writes(through(ts, args)); len(sent) > 0 {
			ts.Fatalf("the %s time it sends %s", time, strings.Join(sent, ", "))
		}
		for line := range strings.Lines(ts.ReadFile("stdout")) {
			if !strings.HasSuffix(line, " unchanged\n") {
				ts.Fatalf("the %s time it says: %s", time, line)
			}
		}
		after, err := settled(ts.Getenv("NS"))
		ts.Check(err)
		if diff := differences(before, after, nil); len(diff) > 0 {
			ts.Fatalf("the %s time it changes\n%s", time, strings.Join(diff, "\n"))
		}
	}
}

// requests FIRST AGAIN COMMAND ARGS...: runs a command twice, and fails where it makes more
// than FIRST requests of the API server, or the second time more than AGAIN. To be
// run after another command of the same script, so that what the server can do is on disk.
func requests(ts *testscript.TestScript, _ bool, args []string) {
	row := "| `" + strings.Join(args[2:], " ") + "` |"
	for _, arg := range args[:2] {
		limit, err := strconv.Atoi(arg)
		ts.Check(err)
		sent := through(ts, args[2:])
		row += fmt.Sprintf(" %d (%s) |", len(sent), tally(sent))
		if len(sent) > limit {
			ts.Fatalf("%d requests, more than %d:\n%s", len(sent), limit, strings.Join(sent, "\n"))
		}
	}
	ts.Logf("%s", row)
}

// tally counts by what is done: 2 GET, 1 PATCH.
func tally(sent []string) string {
	kinds := map[string]int{}
	for _, r := range sent {
		kind, _, _ := strings.Cut(r, " ")
		if strings.Contains(r, "dryRun=All") {
			kind += " as dry run"
		}
		kinds[kind]++
	}
	var each []string
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		each = append(each, fmt.Sprintf("%d %s", kinds[kind], kind))
	}
	return strings.Join(each, ", ")
}
