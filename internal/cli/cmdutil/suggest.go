package cmdutil

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// UnknownCommand is the error for a word that is not a subcommand of cmd; its hint is the most likely command.
func UnknownCommand(cmd *cobra.Command, words []string) error {
	advice := cmd.CommandPath() + " --help"
	if verb := kubectlVerb(words[0]); cmd.Name() == "secrets" && verb != "" {
		advice = "kubectl " + verb + " " + hint.Quote(append([]string{"secret"}, words[1:]...)...)
	} else if turned := turnedRound(cmd, words); turned != nil {
		advice = strings.TrimSuffix(turned.CommandPath()+" "+hint.Quote(words[2:]...), " ")
	} else if meant := MeantCommand(cmd, words[0]); meant != nil {
		advice = meant.CommandPath()
		switch {
		case aboutGarbage(words[0]):
			advice += " --help"
		case meant.HasSubCommands():
		case len(words) > 1 && parses(meant, words[1:]):
			advice += " " + hint.Quote(words[1:]...) + missingFlags(meant)
		default:
			advice = strings.TrimSuffix(advice+" "+required(meant), " ")
		}
	}
	return hint.BadUsage(fmt.Errorf("unknown command %q for %q", words[0], cmd.CommandPath()), advice)
}

// parses is true of arguments whose flags a command has.
func parses(cmd *cobra.Command, args []string) bool {
	cmd.InitDefaultHelpFlag()
	return cmd.ParseFlags(args) == nil
}

// missingFlags are the flags of the usage line that a command was not given.
func missingFlags(cmd *cobra.Command) string {
	missing, words := "", strings.Fields(required(cmd))
	for i, word := range words {
		f := cmd.Flags().Lookup(strings.TrimLeft(word, "-"))
		if strings.HasPrefix(word, "--") && i+1 < len(words) && f != nil && !f.Changed {
			missing += " " + word + " " + words[i+1]
		}
	}
	return missing
}

// required is what a command must be given, as it can be typed: placeholders for
// the arguments and flags in its usage line that are not optional.
func required(cmd *cobra.Command) string {
	line := operands(cmd)
	if strings.Contains(line, "(") { // there is a choice
		return "--help"
	}
	optional := regexp.MustCompile(`\[[^\[\]]*\](\.\.\.)?`)
	line = optional.ReplaceAllString(optional.ReplaceAllString(line, ""), "")
	var words []string
	for word := range strings.FieldsSeq(line) {
		word, _, _ = strings.Cut(word, "|")
		words = append(words, strings.TrimSuffix(word, "..."))
	}
	return strings.Join(words, " ")
}

// kubectlVerb is kubectl's verb for an operation on secrets that regctl leaves to kubectl.
func kubectlVerb(word string) string {
	switch strings.ToLower(word) {
	case "list", "ls", "get", "show":
		return "get"
	case "delete", "del", "rm", "remove":
		return "delete"
	case "describe", "edit":
		return strings.ToLower(word)
	}
	return ""
}

// turnedRound finds "registry delete" for "delete registry". It returns nil if there is no such command.
func turnedRound(cmd *cobra.Command, words []string) *cobra.Command {
	if cmd.HasParent() || len(words) < 2 {
		return nil
	}
	family, rest, err := cmd.Find(words[1:2])
	if err != nil || len(rest) > 0 || !family.HasSubCommands() {
		return nil
	}
	return children(family)[strings.ToLower(words[0])]
}

// MeantCommand looks for the word in the vocabulary of other tools, then in all families,
// then for a similar spelling, in cmd first. It returns nil if nothing matches.
func MeantCommand(cmd *cobra.Command, word string) *cobra.Command {
	root := cmd.Root()
	for _, path := range []string{familyHabit(cmd.Name(), word), habit(word)} {
		if found, rest, err := root.Find(strings.Fields(path)); path != "" && err == nil && len(rest) == 0 {
			return found
		}
	}
	here, all := children(cmd), descendants(root)
	for _, look := range []func(string) string{
		func(w string) string { return exactly(w, all) },
		func(w string) string { return Nearest(w, slices.Sorted(keysOf(here))) },
		func(w string) string { return Nearest(w, slices.Sorted(keysOf(all))) },
	} {
		found := look(strings.ToLower(word))
		if c := here[found]; c != nil {
			return c
		}
		if c := all[found]; c != nil {
			return c
		}
	}
	return nil
}

func exactly(word string, all map[string]*cobra.Command) string {
	if all[word] != nil {
		return word
	}
	return ""
}

func keysOf(m map[string]*cobra.Command) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// habit is the command path for a word of docker, podman, skopeo, crane or distribution.
func habit(word string) string {
	if aboutGarbage(word) {
		return "image delete" // its help explains garbage collection
	}
	switch strings.ToLower(word) {
	case "images", "ls", "list", "repo", "repos", "repositories", "catalog", "tags", "search":
		return "image ls"
	case "rm", "rmi", "remove", "del":
		return "image delete"
	case "pull", "load":
		return "image pull"
	case "cp", "mirror", "sync":
		return "image copy"
	case "ps", "info":
		return "registry status"
	case "passwd", "adduser", "useradd", "htpasswd":
		return "serve user add"
	case "user", "users":
		return "serve user"
	case "run", "start", "up":
		return "serve"
	case "cert", "certs", "certificate":
		return "ca"
	}
	return ""
}

// familyHabit is the command path for a word of kubectl, oc or docker within a family, or "".
func familyHabit(family, word string) string {
	table := map[string][]string{
		"registry deploy": {"create", "run", "install", "start", "up", "update", "upgrade", "scale", "set", "apply", "edit"},
		"registry status": {"get", "describe", "show", "info", "inspect", "ps"},
		"volume add":      {"create", "set", "mount", "attach"},
		"volume remove":   {"unmount", "umount", "detach"},
		"volume list":     {"get", "show", "describe", "inspect"},
		"env set":         {"add", "edit", "update"},
		"env unset":       {"remove", "rm", "delete", "del"},
		"env list":        {"get", "show"},
		"secrets new":     {"create", "generic"},
	}
	for path, words := range table {
		if strings.HasPrefix(path, family+" ") && slices.Contains(words, strings.ToLower(word)) {
			return path
		}
	}
	return ""
}

func aboutGarbage(word string) bool {
	return slices.Contains([]string{"gc", "prune", "garbage-collect", "clean", "cleanup"}, strings.ToLower(word))
}

// children returns the visible subcommands of cmd by name and alias.
func children(cmd *cobra.Command) map[string]*cobra.Command {
	found := map[string]*cobra.Command{}
	for _, c := range cmd.Commands() {
		if c.Hidden {
			continue
		}
		for _, name := range append([]string{c.Name()}, c.Aliases...) {
			if found[name] == nil || name == c.Name() {
				found[name] = c
			}
		}
	}
	return found
}

// descendants returns all visible commands by name. If several share a name, the image
// command wins, because it is used most.
func descendants(root *cobra.Command) map[string]*cobra.Command {
	found := map[string]*cobra.Command{}
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for name, c := range children(cmd) {
			if old := found[name]; old == nil || cmd.Name() == "image" || old.CommandPath() > c.CommandPath() && old.Parent().Name() != "image" {
				found[name] = c
			}
			walk(c)
		}
	}
	walk(root)
	return found
}

// meantFlag is the flag of cmd that an unknown flag most likely stands for, as it is typed.
func meantFlag(cmd *cobra.Command, name, value string) string { //nolint:gocyclo // a table with one case per habit
	has := func(flag string) bool { return cmd.Flags().Lookup(flag) != nil }
	switch {
	case name == "port" && has("addr") && value != "":
		return "--addr :" + value
	case name == "port" && has("addr"):
		return "--addr :5000"
	case (name == "tls-verify" || name == "insecure-skip-tls-verify" || name == "k") && has("insecure"):
		return "--insecure"
	case (name == "p" || name == "password") && has("password-stdin"):
		return "--password-stdin"
	case (name == "cert" || name == "tls-cert" || name == "cacert" || name == "ca-file") && has("ca"):
		return "--ca"
	case len(name) < 2:
		return ""
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if near := Nearest(name, names); near != "" {
		return "--" + near
	}
	return ""
}

// Nearest returns the word of a list that is most similar to a mistyped one, or "" if
// none is similar: words of three and four letters tolerate one typo, longer ones
// two, shorter ones none. A prefix also matches.
func Nearest(word string, list []string) string {
	best, least := "", 3
	if len(word) <= 4 {
		least = min(len(word)-1, 2)
	}
	for _, candidate := range list {
		if d := slips(word, candidate); d < least {
			best, least = candidate, d
		}
	}
	if best != "" || len(word) < 3 {
		return best
	}
	for _, candidate := range list {
		if strings.HasPrefix(candidate, word) {
			return candidate
		}
	}
	return ""
}

// slips counts letters that are missing, added, wrong or swapped with their neighbor.
func slips(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			wrong := 1
			if a[i-1] == b[j-1] {
				wrong = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+wrong)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
