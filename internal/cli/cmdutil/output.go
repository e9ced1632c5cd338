package cmdutil

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/regctl/regctl/internal/printable"
	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"
)

// Enum is a flag that takes one of a few words; it completes and checks itself.
type Enum struct {
	Value   string
	Allowed []string
}

func (e *Enum) String() string { return e.Value }
func (e *Enum) Type() string   { return strings.Join(e.Allowed, "|") }
func (e *Enum) Set(s string) error {
	if !slices.Contains(e.Allowed, s) {
		return fmt.Errorf("must be one of %s", strings.Join(e.Allowed, ", "))
	}
	e.Value = s
	return nil
}

// EnumFlag adds a flag that takes one of the allowed words; value is its default.
func EnumFlag(cmd *cobra.Command, name, short, value, usage string, allowed ...string) *Enum {
	e := &Enum{Value: value, Allowed: allowed}
	cmd.Flags().VarP(e, name, short, usage)
	// the only failure is a flag that does not exist
	_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(allowed, cobra.ShellCompDirectiveNoFileComp))
	return e
}

// OutputFlag adds -o json|yaml to a command that reports something.
func OutputFlag(cmd *cobra.Command) *Enum {
	return EnumFlag(cmd, "output", "o", "", "print as this `format`: json or yaml", "json", "yaml")
}

// Print writes a value to stdout as JSON or YAML, or as a table whose first row is the heading.
func (e *Env) Print(format string, value any, table [][]string) error {
	switch format {
	case "json":
		var doc bytes.Buffer
		enc := json.NewEncoder(&doc)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if err := enc.Encode(value); err != nil {
			return err
		}
		_, err := e.Out.Write(printable.JSON(doc.Bytes()))
		return err
	case "yaml":
		doc, err := json.Marshal(value)
		if err != nil {
			return err
		}
		b, err := yaml.JSONToYAML(printable.JSON(doc)) // which takes no control characters
		if err != nil {
			return err
		}
		_, err = e.Out.Write(b)
		return err
	}
	w := tabwriter.NewWriter(e.Out, 0, 0, 3, ' ', 0)
	for _, row := range table {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = printable.Line(cell)
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	return w.Flush()
}

// Sink is stdout that remembers its first failure, such as a full disk: what was
// asked for has then not been delivered, whatever the command itself has noticed.
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

// BindEnum is an enumFlag that keeps a string in step.
func BindEnum(cmd *cobra.Command, name, usage string, to *string, values ...string) {
	c := EnumFlag(cmd, name, "", "", usage, values...)
	cmd.Flags().Lookup(name).Value = boundEnum{c, to}
}

// boundEnum keeps a string in step with its flag.
type boundEnum struct {
	*Enum
	to *string
}

// Type keeps the list of names out of the help's first column.
func (b boundEnum) Type() string { return "name" }

func (b boundEnum) Set(s string) error {
	err := b.Enum.Set(s)
	if err == nil {
		*b.to = s
	}
	return err
}

// HumanBytes is a size for people: 12.3 MB.
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

// NotNil makes an empty list print as [].
func NotNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
