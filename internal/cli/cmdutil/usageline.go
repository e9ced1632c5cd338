package cmdutil

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// ByUseLine puts what a check of arguments has found into the words of the
// command's own usage line: which argument is missing, or one too many.
func ByUseLine(env *Env, check cobra.PositionalArgs) cobra.PositionalArgs {
	if check == nil {
		return nil
	}
	return func(cmd *cobra.Command, args []string) error {
		if err := env.loose(cmd); err != nil {
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
			return Usage(cmd, fmt.Errorf("%s: an argument where only flags are expected", args[0]))
		case len(args) > most:
			return Usage(cmd, fmt.Errorf("%s: one argument too many: %s", args[most], line))
		}
		return err
	}
}

// loose refuses the value of --dry-run as a word of its own: it would be taken for a name.
func (e *Env) loose(cmd *cobra.Command) error {
	value := e.valueOf("dry-run")
	if cmd.Flags().Lookup("dry-run") == nil || !slices.Contains([]string{"none", "client", "server"}, value) || slices.Contains(e.Args, "--dry-run="+value) {
		return nil
	}
	return hint.BadUsage(fmt.Errorf("--dry-run %s: its value follows a =", value), "--dry-run="+value)
}

// operands is what follows the command's name in its usage line.
func operands(cmd *cobra.Command) string {
	_, rest, _ := strings.Cut(cmd.Use, " ")
	return strings.TrimSpace(strings.TrimSuffix(rest, "[flags]"))
}

// arguments reads "REF PATH|-", "[NAME]", "SECRET..." or "HOST | HOST/REPOSITORY": what
// is needed, and how many there may be. Flags among them are no arguments.
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
		case word[0] == '(': // of several ways, with flags: left to the command
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

// FlagError puts mistakes in flags into words: the nearest flag of the command, and no names of Go's functions.
func FlagError(env *Env) func(*cobra.Command, error) error {
	return func(cmd *cobra.Command, err error) error {
		unknown, ok := errors.AsType[*pflag.NotExistError](err)
		if !ok {
			return Usage(cmd, PlainValue(err))
		}
		if words := env.beyond(cmd); IsFamily(cmd) && len(words) > 0 {
			return UnknownCommand(cmd, env.ArgsFrom(words[0])) // the flag may well be one of the command that was meant
		}
		name := unknown.GetSpecifiedName()
		if meant := meantFlag(cmd, name, env.valueOf(name)); meant != "" {
			return hint.BadUsage(err, cmd.CommandPath()+" "+meant)
		}
		return Usage(cmd, err)
	}
}

// IsFamily tells a command that only holds others from one, like serve, that does something of its own.
func IsFamily(cmd *cobra.Command) bool { return cmd.HasSubCommands() && cmd.Example == "" }

// beyond are the words of the command line that are neither flags nor the names of cmd and its parents.
func (e *Env) beyond(cmd *cobra.Command) []string {
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

// ArgsFrom is the command line from a word of it on.
func (e *Env) ArgsFrom(word string) []string {
	return e.Args[max(slices.Index(e.Args, word), 0):]
}

// valueOf is what was given to a flag on the command line, by --name=value or --name value.
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

// PlainValue says of a flag's value what it is not, in the place of what the parser of Go says.
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

// FirstWord takes the first argument that is no flag, and no flag's value, out of a list.
func FirstWord(args []string) (word string, rest []string) {
	valued := []string{"-n", "--namespace", "-o", "--output", "-f", "--filename", "-l", "--selector", "-p", "--patch", "--context", "--config", "--kubeconfig"}
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
