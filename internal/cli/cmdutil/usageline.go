package cmdutil

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// ByUseLine reports a failed check of arguments in terms of the command's
// usage line: which argument is missing, or which one is extra.
func ByUseLine(env *Env, check cobra.PositionalArgs) cobra.PositionalArgs {
	if check == nil {
		return nil
	}
	return func(cmd *cobra.Command, args []string) error {
		if err := env.rejectDryRunWord(cmd); err != nil {
			return err
		}
		err := check(cmd, args)
		if err == nil || hint.Of(err) != "" {
			return err
		}
		line := strings.TrimSuffix(cmd.CommandPath()+" "+operands(cmd), " ")
		needed, most := arguments(operands(cmd))
		switch {
		case len(args) < len(needed):
			missing := needed[len(args):]
			verb := " is missing: "
			if len(missing) > 1 {
				verb = " are missing: "
			}
			return Usage(cmd, errors.New(strings.Join(missing, " and ")+verb+line))
		case len(args) > most && cmd.HasSubCommands():
			return UnknownCommand(cmd, args[most:])
		case len(args) > most && most == 0:
			return Usage(cmd, fmt.Errorf("unexpected argument %q: the command takes only flags", args[0]))
		case len(args) > most:
			return Usage(cmd, fmt.Errorf("unexpected argument %q: usage: %s", args[most], line))
		}
		return err
	}
}

// rejectDryRunWord rejects "--dry-run client": without the = the value would be parsed as a name.
func (e *Env) rejectDryRunWord(cmd *cobra.Command) error {
	value := e.valueOf("dry-run")
	if cmd.Flags().Lookup("dry-run") == nil || !slices.Contains([]string{"none", "client", "server"}, value) || slices.Contains(e.Args, "--dry-run="+value) {
		return nil
	}
	return hint.BadUsage(fmt.Errorf("--dry-run %s: the value must follow an equals sign", value), "--dry-run="+value)
}

// operands is what follows the command's name in its usage line.
func operands(cmd *cobra.Command) string {
	_, rest, _ := strings.Cut(cmd.Use, " ")
	return strings.TrimSpace(strings.TrimSuffix(rest, "[flags]"))
}

// arguments parses "REF PATH|-", "[NAME]", "SECRET..." or "HOST | HOST/REPOSITORY": the
// required arguments and the maximum number. Flags among them do not count.
func arguments(line string) (needed []string, most int) {
	words := strings.Fields(strings.ReplaceAll(line, " | ", "|"))
	for i := 0; i < len(words); i++ {
		word := words[i]
		if strings.HasSuffix(strings.TrimSuffix(word, "]"), "...") {
			most = math.MaxInt
		} else if most < math.MaxInt {
			most++
		}
		switch {
		case word[0] == '(': // alternatives with flags: the command checks them
			return needed, math.MaxInt
		case word[0] == '-':
			i++ // the flag's value
			most--
		case word[0] != '[' || !strings.HasSuffix(strings.TrimSuffix(word, "..."), "]"):
			needed = append(needed, strings.TrimSuffix(word, "..."))
		}
	}
	return needed, most
}

// FlagError explains an invalid flag: it suggests the nearest flag and omits names of Go functions.
func FlagError(env *Env) func(*cobra.Command, error) error {
	return func(cmd *cobra.Command, err error) error {
		unknown, ok := errors.AsType[*pflag.NotExistError](err)
		if !ok {
			return Usage(cmd, PlainValue(err))
		}
		if words := env.extraWords(cmd); IsFamily(cmd) && len(words) > 0 {
			return UnknownCommand(cmd, env.ArgsFrom(words[0])) // the flag can belong to the intended command
		}
		name := unknown.GetSpecifiedName()
		if meant := meantFlag(cmd, name, env.valueOf(name)); meant != "" {
			return hint.BadUsage(err, env.corrected(cmd, name, meant))
		}
		return Usage(cmd, err)
	}
}

// corrected is the command line with an unknown flag replaced by the one that was meant. It
// is the command and the flag alone where the line can hold a secret, or cannot be corrected.
func (e *Env) corrected(cmd *cobra.Command, name, meant string) string {
	alone := cmd.CommandPath() + " " + meant
	args := slices.Clone(e.Args)
	i := slices.IndexFunc(args, func(arg string) bool {
		given, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		return strings.HasPrefix(arg, "-") && given == name
	})
	if i < 0 {
		return alone
	}
	flag, _, _ := strings.Cut(strings.TrimPrefix(meant, "--"), " ")
	_, value, joined := strings.Cut(args[i], "=")
	switch f := cmd.Flags().Lookup(flag); {
	case name == "p" || name == "password" || strings.Contains(meant, " "): // the value is no value of the new flag
		if !joined && i+1 < len(args) {
			args = slices.Delete(args, i+1, i+2)
		}
	case joined && f.NoOptDefVal == "" && f.Value.Type() != "bool":
		meant += "=" + value
	}
	args = slices.Replace(args, i, i+1, strings.Fields(meant)...)
	secret := func(arg string) bool {
		return regexp.MustCompile(`^(-p|--password|--token|--secret)(=|$)`).MatchString(arg)
	}
	if slices.ContainsFunc(args, secret) {
		return alone
	}
	return cmd.Root().CommandPath() + " " + hint.Quote(args...)
}

// IsFamily reports whether a command only groups others, unlike serve, which also runs by itself.
func IsFamily(cmd *cobra.Command) bool { return cmd.HasSubCommands() && cmd.Example == "" }

// extraWords returns the words of the command line that are neither flags nor names of cmd and its parents.
func (e *Env) extraWords(cmd *cobra.Command) []string {
	var words []string
	for word, rest := FirstWord(e.Args); word != ""; word, rest = FirstWord(rest) {
		words = append(words, word)
	}
	depth := 0
	for c := cmd; c.HasParent(); c = c.Parent() {
		depth++
	}
	return words[min(depth, len(words)):]
}

// ArgsFrom returns the command line from a word on.
func (e *Env) ArgsFrom(word string) []string {
	return e.Args[max(slices.Index(e.Args, word), 0):]
}

// valueOf returns the value of a flag on the command line, given as --name=value or --name value.
func (e *Env) valueOf(name string) string {
	for i, arg := range e.Args {
		if value, ok := strings.CutPrefix(arg, "--"+name+"="); ok {
			return value
		}
		if arg == "--"+name && i+1 < len(e.Args) && !strings.HasPrefix(e.Args[i+1], "-") {
			return e.Args[i+1]
		}
	}
	return ""
}

// PlainValue replaces the message of Go's parser by the kind of value that a flag expects.
func PlainValue(err error) error {
	bad, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return err
	}
	what := map[string]string{
		"int": "a whole number", "int32": "a whole number", "int64": "a whole number", "uint": "a whole number", "count": "a whole number",
		"bool": "true or false", "duration": "a time such as 90s or 5m", "float64": "a number",
	}[bad.GetFlag().Value.Type()]
	if _, parsing := errors.AsType[*strconv.NumError](err); what == "" || !parsing && !strings.Contains(err.Error(), "time: ") && !strings.Contains(err.Error(), "strconv.") {
		return err
	}
	return fmt.Errorf("--%s: %q is not %s", bad.GetFlag().Name, bad.GetValue(), what)
}

// FirstWord removes the first argument that is neither a flag nor a flag's value from a list.
func FirstWord(args []string) (word string, rest []string) {
	valued := []string{"-n", "--namespace", "-o", "--output", "-f", "--filename", "-l", "--selector", "-p", "--patch", "--context", "--config", "--kubeconfig",
		"--as", "--token", "--server", "--cluster", "--user", "--request-timeout", "--certificate-authority", "--loglevel"}
	for i := 0; i < len(args); i++ {
		switch {
		case slices.Contains(valued, args[i]):
			i++
		case !strings.HasPrefix(args[i], "-"):
			return args[i], slices.Delete(slices.Clone(args), i, i+1)
		}
	}
	return "", args
}
