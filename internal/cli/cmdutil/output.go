package cmdutil

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/regctl/regctl/internal/printable"
	"github.com/spf13/cobra"
)

// Enum is a flag value that must be one of a few words. It validates and completes them.
type Enum struct {
	Value   string
	Allowed []string
}

func (e *Enum) String() string { return e.Value }

// Type implements pflag.Value.
func (e *Enum) Type() string { return strings.Join(e.Allowed, "|") }

// Set implements pflag.Value.
func (e *Enum) Set(s string) error {
	if !slices.Contains(e.Allowed, s) {
		return fmt.Errorf("must be one of %s", strings.Join(e.Allowed, ", "))
	}
	e.Value = s
	return nil
}

// EnumFlag adds a flag whose value must be one of the allowed words; value is the default.
func EnumFlag(cmd *cobra.Command, name, short, value, usage string, allowed ...string) *Enum {
	e := &Enum{Value: value, Allowed: allowed}
	cmd.Flags().VarP(e, name, short, usage)
	// the only failure is a flag that does not exist
	_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(allowed, cobra.ShellCompDirectiveNoFileComp))
	return e
}

// Table writes rows to stdout in columns; the first row is the heading.
func (e *Env) Table(rows [][]string) error {
	w := tabwriter.NewWriter(e.Out, 0, 0, 3, ' ', 0)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = printable.Line(cell)
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	return w.Flush()
}

// Sink is stdout that remembers its first write error, such as a full disk: the output is
// then incomplete, even if the command ignored the error.
type Sink struct {
	To  io.Writer
	Err error
}

func (s *Sink) Write(p []byte) (int, error) {
	n, err := s.To.Write(p)
	if s.Err == nil {
		s.Err = err
	}
	return n, err
}

// BindEnum adds an EnumFlag that also sets a string.
func BindEnum(cmd *cobra.Command, name, usage string, to *string, values ...string) {
	c := EnumFlag(cmd, name, "", "", usage, values...)
	cmd.Flags().Lookup(name).Value = boundEnum{c, to}
}

// boundEnum also sets a string when its flag is set.
type boundEnum struct {
	*Enum
	to *string
}

// Type keeps the list of names out of the first column of help.
func (b boundEnum) Type() string { return "name" }

func (b boundEnum) Set(s string) error {
	err := b.Enum.Set(s)
	if err == nil {
		*b.to = s
	}
	return err
}

// HumanBytes formats a size in bytes: 12.3 MB.
func HumanBytes(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	value, unit := float64(n)/1000, 0
	for value >= 999.95 && unit < 3 {
		value, unit = value/1000, unit+1
	}
	return fmt.Sprintf("%.1f %cB", value, "kMGT"[unit])
}

// NotNil makes an empty list print as [] instead of null.
func NotNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
