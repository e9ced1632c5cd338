package cli

import (
	"strconv"

	"github.com/regctl/regctl/internal/cli/cmdutil"
)

// quietFlag is --quiet, which counts how often it is given: once silences talk, twice
// also what a command prints to stderr for its user to keep, as the start table of serve.
type quietFlag struct{ env *cmdutil.Env }

func (quietFlag) Type() string     { return "bool" }
func (quietFlag) IsBoolFlag() bool { return true }
func (q quietFlag) String() string { return strconv.FormatBool(q.env != nil && q.env.Quiet) }

// Set takes true or false, as a variable or a settings file may have it.
func (q quietFlag) Set(s string) error {
	on, err := strconv.ParseBool(s)
	q.env.Silent = on && q.env.Quiet
	q.env.Quiet = on
	return err
}
