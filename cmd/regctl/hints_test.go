package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/regctl/regctl/internal/cli"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// recorded runs the program and appends what it says on stderr to the file $SAID.
func recorded() {
	env := cmdutil.System()
	if said, err := os.OpenFile(os.Getenv("SAID"), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600); err == nil {
		env.Err = tee{os.Stderr, said}
	}
	os.Exit(run(env))
}

// tee writes to stderr, which may be a terminal, and to a file.
type tee struct{ stderr, file *os.File }

func (t tee) Fd() uintptr { return t.stderr.Fd() }

func (t tee) Write(p []byte) (int, error) {
	_, _ = t.file.Write(p)
	return t.stderr.Write(p)
}

// checkHints fails for each command in what the scripts have printed that does not run as it is printed.
func checkHints(t *testing.T, file string) {
	t.Helper()
	said, err := os.ReadFile(file)
	if err != nil {
		t.Error(err) // not require: its Goexit in a cleanup hides which test has failed
		return
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(said)) {
		text, _, _ := strings.Cut(strings.TrimSpace(line), " missing: ") // a usage line follows
		text, _, _ = strings.Cut(text, " usage: ")
		for _, command := range commandsIn(text) {
			if words := strings.Join(command, " "); !seen[words] {
				seen[words] = true
				if err := checkCommand(command); err != nil {
					t.Errorf("%s\n  %v\n  printed in: %s", words, err, line)
				}
			}
		}
	}
	if flag.Lookup("test.run").Value.String() == "" && len(seen) < 150 {
		t.Errorf("the scripts print %d commands, fewer than expected", len(seen))
	}
}

var (
	commandStart = regexp.MustCompile("(^|[\\s(\"'`|;:])(regctl|kubectl) [a-z-]|(^|: |or )(docker) [a-z-]")
	placeholder  = regexp.MustCompile(`^[A-Z][A-Z0-9_-]*$`)
)

// commandsIn returns the commands in a line of output, as words. A command ends with
// the line, with punctuation, or with what ends one for a shell.
func commandsIn(line string) [][]string {
	var all [][]string
	for {
		at := commandStart.FindStringSubmatchIndex(line)
		if at == nil {
			return all
		}
		line = line[max(at[4], at[8]):]
		words, rest := words(line)
		all = append(all, words)
		line = rest
	}
}

// words reads a command from the beginning of a line as a shell does, and returns what follows it.
func words(line string) (words []string, rest string) {
	for line != "" {
		word, quoted, n := "", false, 0
		for ; n < len(line) && (quoted || line[n] != ' '); n++ {
			if line[n] == '\'' {
				quoted = !quoted
			}
		}
		word, line = line[:n], strings.TrimLeft(line[n:], " ")
		if slices.Contains([]string{"|", "&&", "||", ">", "<", "2>"}, word) || strings.HasPrefix(word, "(") {
			return words, line
		}
		bare := strings.TrimRight(word, ",;:)\"`")
		if bare != "" {
			words = append(words, bare)
		}
		if bare != word {
			return words, line
		}
	}
	return words, ""
}

// checkCommand asks the command tree, or what is known of other programs, whether a command can be run.
func checkCommand(words []string) error {
	words = slices.Clone(words)
	for i, word := range words {
		if !strings.Contains(word, "'") && strings.ContainsAny(word, "[<") {
			return fmt.Errorf("%s: not a placeholder in UPPER_CASE", word)
		}
		words[i] = strings.ReplaceAll(word, "'", "")
	}
	if words[0] == "kubectl" && words[1] == "regctl" {
		words = words[1:] // the plugin
	}
	if words[0] != "regctl" {
		return checkOther(words)
	}
	env := cmdutil.System()
	env.Args = words[1:]
	cmd, rest, err := cli.Root(env).Find(words[1:])
	if err != nil {
		return err
	}
	if cmd.Name() == "oc" {
		return fmt.Errorf("regctl has no command %s", words[1])
	}
	cmd.InitDefaultHelpFlag()
	if err := cmd.ParseFlags(rest); err != nil && !forPlaceholder(err) {
		return err
	}
	if len(cmd.Flags().Args()) > 0 && cmdutil.IsFamily(cmd) {
		return fmt.Errorf("%s has no command %s", cmd.CommandPath(), cmd.Flags().Arg(0))
	}
	if slices.Contains(rest, "--help") || len(rest) == 0 && cmd.HasSubCommands() {
		return nil
	}
	if err := missing(cmd); err != nil {
		return err
	}
	if len(words) == 2 && cmd.Name() == "logout" {
		return nil // of the cluster, where the kubeconfig has a token
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}

// forPlaceholder is true of an error about a value that the user has to fill in.
func forPlaceholder(err error) bool {
	_, value, _ := strings.Cut(err.Error(), `invalid argument "`)
	value, _, _ = strings.Cut(value, `"`)
	return placeholder.MatchString(value)
}

// needs are the flags without which a command always fails, beside those in its usage line.
var needs = map[string][]string{
	"regctl ca renew":              {"cert", "key"},
	"regctl ca create-server-cert": {"hostnames|csr|overwrite"},
	"regctl create-server-cert":    {"hostnames|csr|overwrite"},
	"regctl secrets new-dockercfg": {"docker-server|from-login"},
	"regctl secrets new-sshauth":   {"ssh-privatekey"},
}

func missing(cmd *cobra.Command) error {
	needed := needs[cmd.CommandPath()]
	for _, word := range strings.Fields(cmd.Use) {
		if strings.HasPrefix(word, "-") && !strings.Contains(cmd.Use, "(") {
			needed = append(needed, strings.TrimLeft(word, "-"))
		}
	}
	for _, flags := range needed {
		given := func(name string) bool {
			if f := cmd.Flags().Lookup(name); f != nil {
				return f.Changed
			}
			f := cmd.Flags().ShorthandLookup(name[:1])
			return len(name) == 1 && f != nil && f.Changed
		}
		if !slices.ContainsFunc(strings.Split(flags, "|"), given) {
			return fmt.Errorf("without --%s it fails", flags)
		}
	}
	return nil
}

// otherVerbs are the commands of kubectl and docker that hints may name, with the kinds that "create" takes.
var otherVerbs = map[string][]string{
	"kubectl": {
		"annotate", "apply", "auth", "config", "cp", "create", "delete", "describe", "edit", "exec", "explain", "get", "label",
		"logs", "patch", "port-forward", "replace", "rollout", "scale", "set", "cluster-info", "version", "api-resources",
	},
	"docker": {"build", "images", "info", "load", "login", "logout", "pull", "push", "run", "save", "tag"},
}

var createKinds = map[string]int{ // and how many names follow
	"configmap": 1, "namespace": 1, "role": 1, "clusterrole": 1, "rolebinding": 1, "clusterrolebinding": 1, "serviceaccount": 1,
	"deployment": 1, "quota": 1, "token": 1, "ingress": 1, "secret": 2, "service": 2, "-f": 1,
}

func checkOther(words []string) error {
	verb := words[1]
	if strings.HasPrefix(verb, "-") {
		return nil
	}
	if !slices.Contains(otherVerbs[words[0]], verb) {
		return fmt.Errorf("%s has no command %s", words[0], verb)
	}
	if words[0] == "kubectl" && verb == "create" {
		names := 0
		for _, word := range words[3:] {
			if strings.HasPrefix(word, "-") {
				break
			}
			names++
		}
		if want, ok := createKinds[words[2]]; !ok || want != names {
			return fmt.Errorf("kubectl create %s: %d names", words[2], names)
		}
	}
	return nil
}

func TestCommandsInHints(t *testing.T) {
	for line, want := range map[string][][]string{
		"hint: regctl image push a 'b c'":                             {{"regctl", "image", "push", "a", "'b c'"}},
		"kubectl get pods, or name it: regctl serve --root DIR; done": {{"kubectl", "get", "pods"}, {"regctl", "serve", "--root", "DIR"}},
		"kubectl get x | regctl trust add h --ca - (here)":            {{"kubectl", "get", "x"}, {"regctl", "trust", "add", "h", "--ca", "-"}},
		"by \"regctl serve\" or regctl's":                             {{"regctl", "serve"}},
	} {
		require.Equal(t, want, commandsIn(line), line)
	}
	for line, good := range map[string]bool{
		"regctl image push a.tar HOST/REPOSITORY": true, "regctl image push a.tar": false, "regctl image push a b --flag": false,
		"regctl registry deploy [NAME]": false, "regctl registry --help": true, "regctl ca renew": false, "regctl nothing": false,
		"regctl ca renew --cert CERT --key KEY --expire-days DAYS": true, "regctl registry get": false,
		"kubectl create configmap generic x": false, "kubectl create secret generic x": true, "kubectl make x": false,
	} {
		require.Equal(t, good, checkCommand(strings.Fields(line)) == nil, "%s: %v", line, checkCommand(strings.Fields(line)))
	}
}
