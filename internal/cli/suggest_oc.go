package cli

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// newHiddenOC takes the words of oc and kubectl that regctl has no command for, as
// they stand in old recipes after "oc" was replaced everywhere, and says what to type instead.
func newHiddenOC() *cobra.Command {
	return &cobra.Command{
		Use: "oc", Hidden: true, DisableFlagParsing: true,
		Aliases: []string{
			"oadm", "kubectl", "adm", "set", "get", "describe", "edit", "replace", "patch", "label", "annotate",
			"logs", "exec", "rsh", "scale", "rollout", "project", "projects", "new-project", "rsync", "debug",
		},
		RunE: sayInstead,
	}
}

func sayInstead(cmd *cobra.Command, args []string) error {
	word := cmd.CalledAs()
	return hint.BadUsage(fmt.Errorf("unknown command %q for %q", word, cmd.Root().CommandPath()), insteadOfOC(cmd.Root(), word, args))
}

// insteadOfOC is the command to type for "oc WORD ARGS": regctl's own where there is one.
func insteadOfOC(root *cobra.Command, word string, args []string) string {
	own := root.CommandPath() + " "
	if i := slices.Index(args, "-f"); word == "logs" && i >= 0 { // elsewhere a file follows
		args = slices.Replace(slices.Clone(args), i, i+1, "--follow")
	}
	first, rest := cmdutil.FirstWord(args)
	switch word {
	case "oc", "oadm", "kubectl":
		if first == "" {
			return own + "--help"
		}
		if c, _, err := root.Find([]string{first}); err == nil && c != root && c.Name() != "oc" {
			return own + hint.Quote(args...)
		}
		return insteadOfOC(root, first, rest)
	case "adm", "set":
		if slices.Contains([]string{"registry", "policy", "ca", "env", "volume", "volumes"}, first) {
			return own + hint.Quote(args...)
		}
	}
	if advice := aboutRegistries(word, first, rest); advice != "" {
		return own + strings.TrimSpace(advice)
	}
	if word == "get" && first == "se" { // a short name of services in 1.0
		args = append([]string{"svc"}, rest...)
	}
	tool := "kubectl"
	if slices.Contains([]string{"adm", "project", "projects", "new-project", "rsh", "rsync"}, word) {
		tool = "oc" // kubectl has no such command
	}
	return tool + " " + hint.Quote(append([]string{word}, args...)...)
}

// aboutRegistries is what regctl has instead of "oc WORD FIRST REST", "" where it has nothing.
func aboutRegistries(word, first string, rest []string) string {
	next, more := cmdutil.FirstWord(rest)
	switch word {
	case "get", "describe":
		if first == "registry" || first == "registries" {
			return "registry status " + hint.Quote(rest...)
		}
		if slices.Contains([]string{"is", "imagestream", "imagestreams"}, first) {
			return "imagestreams list " + hint.Quote(onlyFlags(rest)...)
		}
	case "logs", "exec", "rsh":
		return aboutPods(word, first, rest)
	case "edit", "patch":
		return aboutSettings(first, next, rest)
	case "create":
		switch {
		case first == "registry":
			return "registry deploy " + hint.Quote(rest...)
		case first == "route" && next != "":
			return "expose " + exposeFlagsOf(next, more)
		}
	}
	return ""
}

// aboutSettings is what regctl has for constraints, and for the registry of OpenShift 4.
func aboutSettings(kind, name string, rest []string) string {
	exposes := func(arg string) bool { return strings.Contains(arg, "defaultRoute") }
	switch {
	case kind == "scc" || kind == "securitycontextconstraints":
		return "policy add-scc-to-user " + hint.Quote(name) + " -z SERVICE-ACCOUNT"
	case strings.Contains(kind, "imageregistry.operator") && slices.ContainsFunc(rest, exposes):
		return "expose"
	}
	return ""
}

// aboutPods is what regctl has for the pods of registries.
func aboutPods(word, pod string, rest []string) string {
	switch {
	case pod == "":
		return "registry logs"
	case !strings.Contains(pod, "registry"):
		return ""
	case word == "logs":
		return "registry logs " + hint.Quote(append(registryOf(pod), rest...)...)
	case slices.Contains(rest, "find"):
		return "registry ls --storage"
	}
	return ""
}

// registryOf is the registry whose pod, or whose TYPE/NAME, is given: nothing where it is the usual one.
func registryOf(pod string) []string {
	name := regexp.MustCompile(`(-\d+|-[a-z0-9]{8,10})?-[a-z0-9]{5}$`).ReplaceAllString(path.Base(pod), "")
	if name == platform.DefaultName || path.Base(pod) == platform.DefaultName {
		return nil
	}
	return []string{name}
}

// exposeFlagsOf turns what follows "oc create route" into what follows "regctl expose".
func exposeFlagsOf(kind string, args []string) string {
	words := []string{"--" + kind}
	for i := 0; i < len(args); i++ {
		service, ok := strings.CutPrefix(args[i], "--service=")
		if args[i] == "--service" && i+1 < len(args) {
			i++
			service, ok = args[i], true
		}
		switch {
		case ok:
			words = append([]string{"svc/" + path.Base(service)}, words...)
		case !strings.HasPrefix(args[i], "-") && (i == 0 || !strings.HasPrefix(args[i-1], "-")):
			words = append(words, "--name="+args[i])
		default:
			words = append(words, args[i])
		}
	}
	return hint.Quote(words...)
}

// onlyFlags leaves out the words that are neither flags nor their values.
func onlyFlags(args []string) []string {
	for {
		word, rest := cmdutil.FirstWord(args)
		if word == "" {
			return args
		}
		args = rest
	}
}
