package scripts

import (
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// one-error: fails unless the last command has said one error, with one hint at most,
// and nothing that only its makers understand.
func oneError(ts *testscript.TestScript, _ bool, _ []string) {
	said := ts.ReadFile("stderr")
	count := func(word string) int { return len(regexp.MustCompile("(?m)^"+word).FindAllString(said, -1)) }
	if count("error: ") != 1 || count("hint: ") > 1 || regexp.MustCompile(`goroutine |\.go:\d+|%!`).MatchString(said) {
		ts.Fatalf("not one clear error:\n%s", said)
	}
}

// hinted [OLD=NEW]...: runs the command that the last hint has given, as the user
// boss where it is one for an admin.
func hinted(ts *testscript.TestScript, _ bool, args []string) {
	said := regexp.MustCompile(`(?m)^hint: (as an admin, run: )?(.*)$`).FindStringSubmatch(ts.ReadFile("stderr"))
	if said == nil {
		ts.Fatalf("no hint:\n%s", ts.ReadFile("stderr"))
	}
	if said[1] != "" {
		own := ts.Getenv("KUBECONFIG")
		ts.Setenv("KUBECONFIG", ts.Getenv("BOSS"))
		defer ts.Setenv("KUBECONFIG", own)
	}
	command := said[2]
	for _, arg := range args {
		old, repl, _ := strings.Cut(arg, "=")
		command = strings.ReplaceAll(command, old, repl)
	}
	ts.Check(ts.Exec("sh", "-e", "-c", command))
}
