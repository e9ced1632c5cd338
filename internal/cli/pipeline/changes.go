package pipeline

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform/kube"
	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"
)

// ChangeFlags are the flags of every command that makes changes.
type ChangeFlags struct {
	DryRun *cmdutil.Enum
	Output *cmdutil.Output
	Diff   bool
}

// AddChangeFlags adds --dry-run, --output and --diff to a command.
func AddChangeFlags(cmd *cobra.Command) *ChangeFlags {
	f := &ChangeFlags{}
	f.DryRun = cmdutil.EnumFlag(cmd, "dry-run", "", "none", "show the changes without making them: none, client or server", "none", "client", "server")
	cmd.Flags().Lookup("dry-run").NoOptDefVal = "client"
	f.Output = cmdutil.ObjectsFlag(cmd, "also print the objects in this `format`: json, yaml, name, jsonpath=, …")
	cmd.Flags().BoolVar(&f.Diff, "diff", false, "show the changes as a unified diff")
	return f
}

// AsOriginal lets -o print and change nothing, as oc and oadm did at the time of the spelling
// that cmd has kept, and scripts rely on. An explicit --dry-run=none prints and makes the change.
func (f *ChangeFlags) AsOriginal(env *cmdutil.Env, cmd *cobra.Command, as plan.DryRun) {
	if !f.Output.Data() || f.Output.Value == "name" || len(Changed(cmd, "dry-run", "local")) > 0 {
		return
	}
	f.DryRun.Value = string(as)
	env.Say("note: nothing was changed: -o only prints here, as in oc; to make the change too, add --dry-run=none")
}

// Dry tells whether nothing is to be changed.
func (f *ChangeFlags) Dry() bool { return f.DryRun.Value != string(plan.None) }

// Runner returns the runner that the flags configure.
func (f *ChangeFlags) Runner(e *cmdutil.Env) plan.Runner {
	return plan.Runner{
		Out: e.Out, DryRun: plan.DryRun(f.DryRun.Value), Diff: f.Diff, Output: f.Output.Format(),
		Say: e.Say, Print: func(documents []any) error { return f.printDocuments(e, documents) }, Text: readable,
	}
}

// readable is a document as people compare it: objects as YAML, with the Spec that
// a workload carries as more than one long line; all else as it is.
func readable(document []byte) []byte {
	var o struct {
		APIVersion string `json:"apiVersion"`
		Metadata   struct {
			Annotations map[string]string `json:"annotations"`
		} `json:"metadata"`
	}
	if !bytes.HasPrefix(document, []byte(`{"`)) || json.Unmarshal(document, &o) != nil || o.APIVersion == "" {
		return document
	}
	if note := o.Metadata.Annotations[kube.SpecNote]; json.Valid([]byte(note)) {
		if quoted, err := json.Marshal(note); err == nil {
			document = bytes.Replace(document, quoted, []byte(note), 1)
		}
	}
	b, err := yaml.JSONToYAML(document)
	if err != nil {
		return document
	}
	return b
}

// printDocuments writes what is wanted: objects of a cluster as kubectl reads them, all else as a list, or as YAML with --- between.
func (f *ChangeFlags) printDocuments(e *cmdutil.Env, documents []any) error {
	for _, doc := range documents {
		var o struct{ APIVersion, Kind string }
		b, err := json.Marshal(doc)
		if err != nil {
			return err
		}
		if json.Unmarshal(b, &o) != nil || o.APIVersion == "" || o.Kind == "" {
			return f.printFiles(e, documents)
		}
	}
	return f.Output.PrintObjects(e, documents)
}

// printFiles writes the descriptions of files.
func (f *ChangeFlags) printFiles(e *cmdutil.Env, documents []any) error {
	if f.Output.Value != "yaml" {
		return f.Output.Print(e, documents, nil)
	}
	for i, doc := range documents {
		if i > 0 {
			fmt.Fprintln(e.Out, "---")
		}
		if err := f.Output.Print(e, doc, nil); err != nil {
			return err
		}
	}
	return nil
}
