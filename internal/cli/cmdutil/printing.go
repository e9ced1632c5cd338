package cmdutil

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/printable"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/printers"
	"sigs.k8s.io/yaml"
)

// Output is the flag -o with those that belong to it, as kubectl has them.
type Output struct {
	Value string // the format as it was given; "" is the page for people

	names     bool // -o name is possible: what is printed are objects
	noHeaders bool
	flags     *genericclioptions.PrintFlags
}

// OutputFlag adds -o to a command that reports something.
func OutputFlag(cmd *cobra.Command) *Output {
	return addOutput(cmd, &Output{}, "output `format`: json, yaml, wide, jsonpath=, go-template= or custom-columns=")
}

// ObjectsFlag adds -o to a command whose result are objects of a cluster; their names can be printed too.
func ObjectsFlag(cmd *cobra.Command, usage string) *Output {
	return addOutput(cmd, &Output{names: true}, usage)
}

func addOutput(cmd *cobra.Command, o *Output, usage string) *Output {
	o.flags = genericclioptions.NewPrintFlags("")
	o.flags.OutputFormat = &o.Value
	FlagGroup(cmd, GroupOutput, func(cmd *cobra.Command) {
		cmd.Flags().VarP(o, "output", "o", usage)
		cmd.Flags().BoolVar(&o.noHeaders, "no-headers", false, "print tables without their heading")
		o.flags.TemplatePrinterFlags.AddFlags(cmd)
		cmd.Flags().Lookup("template").Usage = "`template` for -o go-template or jsonpath, or its file for -o go-template-file"
		cmd.Flags().Lookup("allow-missing-template-keys").Usage = "ignore missing fields in templates"
		if o.names {
			o.flags.JSONYamlPrintFlags.AddFlags(cmd)
			cmd.Flags().Lookup("show-managed-fields").Usage = "keep managedFields in JSON and YAML"
		}
	})
	cmd.PreRunE = o.check
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(o.formats(), cobra.ShellCompDirectiveNoFileComp)) // the only failure is a flag that does not exist
	return o
}

// OutputFlagNames are the names of what OutputFlag and ObjectsFlag add.
func OutputFlagNames() []string {
	return []string{"output", "no-headers", "template", "allow-missing-template-keys", "show-managed-fields"}
}

func (o *Output) formats() []string {
	all := []string{"json", "yaml", "wide", "jsonpath=", "jsonpath-file=", "go-template=", "go-template-file=", "custom-columns=", "custom-columns-file="}
	if o.names {
		all = append(all, "name")
	}
	return all
}

// String implements pflag.Value.
func (o *Output) String() string { return o.Value }

// Type implements pflag.Value.
func (o *Output) Type() string { return "format" }

// Set implements pflag.Value: an unknown format is refused before anything is done.
func (o *Output) Set(format string) error {
	kind, rest, argument := strings.Cut(format, "=")
	known := slices.ContainsFunc(append(o.formats(), "jsonpath-as-json=", "template=", "templatefile="), func(f string) bool {
		return strings.TrimSuffix(f, "=") == kind && (!argument || strings.HasSuffix(f, "="))
	})
	if !known {
		return fmt.Errorf("must be one of %s", strings.ReplaceAll(strings.Join(o.formats(), ", "), "=", "=..."))
	}
	if strings.HasPrefix(kind, "custom-columns") {
		if rest == "" {
			return errors.New("custom-columns requires columns, such as custom-columns=NAME:.metadata.name")
		}
		o.Value = format
		_, err := o.columns()
		return err
	}
	old := o.Value
	o.Value = format
	if kind != "wide" && argument {
		if _, err := o.flags.ToPrinter(); err != nil {
			o.Value = old
			return err
		}
	}
	return nil
}

// check finds what is wrong with a format and its template before the command begins.
func (o *Output) check(*cobra.Command, []string) error {
	if o.Value == "name" || !o.Data() || strings.HasPrefix(o.Value, "custom-columns") {
		return nil
	}
	if _, err := o.printer(); err != nil {
		return hint.BadUsage(fmt.Errorf("--output %s: %w", o.Value, err), "--output jsonpath={.metadata.name}")
	}
	return nil
}

// Data tells whether the output is for programs, and not the page or table for people.
func (o *Output) Data() bool { return o.Format() != "" }

// Format is the one that is printed: --template alone means a Go template, and wide is a table, as "" is.
func (o *Output) Format() string {
	switch {
	case o.Value == "wide":
		return ""
	case o.Value == "" && o.flags != nil && *o.flags.TemplatePrinterFlags.TemplateArgument != "":
		return "go-template"
	}
	return o.Value
}

// Print writes a value as -o says, or as a table whose first row is the heading.
func (o *Output) Print(e *Env, value any, table [][]string) error {
	switch {
	case !o.Data():
		if o.noHeaders && len(table) > 1 {
			table = table[1:]
		}
		return e.Table(table)
	case o.Value == "json" || o.Value == "yaml":
		return printValue(e, o.Value, value)
	}
	content, err := generic(value)
	if err != nil {
		return err
	}
	return o.printContent(e, content)
}

// PrintObjects writes objects as kubectl reads them: one as it is, several as a v1 List, or as documents in YAML.
func (o *Output) PrintObjects(e *Env, objects []any) error {
	contents := make([]map[string]any, 0, len(objects))
	for _, object := range objects {
		content, err := generic(object)
		if err != nil {
			return err
		}
		contents = append(contents, content)
	}
	if o.Format() == "yaml" {
		for i, content := range contents {
			if i > 0 {
				fmt.Fprintln(e.Out, "---")
			}
			if err := o.printContent(e, content); err != nil {
				return err
			}
		}
		return nil
	}
	if len(contents) == 1 {
		return o.printContent(e, contents[0])
	}
	return o.printContent(e, list(contents))
}

// printValue writes a value that is no object of a cluster as JSON or YAML.
func printValue(e *Env, format string, value any) error {
	var doc bytes.Buffer
	enc := json.NewEncoder(&doc)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return err
	}
	b := printable.JSON(doc.Bytes())
	if format == "yaml" {
		var err error
		if b, err = yaml.JSONToYAML(b); err != nil { // which takes no control characters
			return err
		}
	}
	_, err := e.Out.Write(b)
	return err
}

// PrintList writes objects that were asked for as a list: a v1 List also of one or none, or their names.
func (o *Output) PrintList(e *Env, objects []any) error {
	contents := make([]map[string]any, 0, len(objects))
	for _, object := range objects {
		content, err := generic(object)
		if err != nil {
			return err
		}
		contents = append(contents, content)
	}
	if o.Value != "name" {
		return o.printContent(e, list(contents))
	}
	for _, content := range contents {
		if err := o.printContent(e, content); err != nil {
			return err
		}
	}
	return nil
}

// list is a v1 List, which kubectl prints and reads for several objects.
func list(contents []map[string]any) map[string]any {
	items := make([]any, len(contents))
	for i, content := range contents {
		items[i] = content
	}
	return map[string]any{"apiVersion": "v1", "kind": "List", "metadata": map[string]any{"resourceVersion": ""}, "items": items}
}

func (o *Output) printContent(e *Env, content map[string]any) error {
	if strings.HasPrefix(o.Value, "custom-columns") {
		return o.printColumns(e, content)
	}
	printer, err := o.printer()
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := printer.PrintObj(&unstructured.Unstructured{Object: content}, &text); err != nil {
		return err
	}
	b := text.Bytes()
	if o.Format() == "json" {
		b = printable.JSON(b)
	}
	_, err = e.Out.Write(b)
	return err
}

// printer is kubectl's for the format. Its YAML printer puts --- before all but the first object of its own.
func (o *Output) printer() (printers.ResourcePrinter, error) {
	format := o.Format()
	flags := *o.flags
	flags.OutputFormat = &format
	return flags.ToPrinter()
}

// generic is any value as the fields that templates name; a list has them below items.
func generic(value any) (map[string]any, error) {
	b, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var content any
	if err := json.Unmarshal(b, &content); err != nil {
		return nil, err
	}
	switch content := content.(type) {
	case map[string]any:
		return content, nil
	case []any:
		return map[string]any{"items": content}, nil
	}
	return map[string]any{"value": content}, nil
}
