// Package apply has the commands apply and diff of a Registry document.
package apply

import (
	"fmt"
	"io"
	"os"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

const aboutDocument = `"regctl registry deploy --dry-run=server --print spec -o yaml" prints a manifest:

  apiVersion: regctl.io/v1
  kind: Registry
  metadata: {name: docker-registry}
  spec:
    workload: {replicas: 2}
    storage: {pvc: {claim: images, size: 10Gi, mode: ReadWriteMany}}
    tls: {secret: my-certificate}     # or {disabled: true}; default: a new one
    auth: {kind: htpasswd}            # or none
    exposure: {kind: nodeport}        # passthrough, edge, reencrypt: with host

Settings that the manifest omits are kept. An unknown field is an error.`

// NewApply returns the command apply.
func NewApply(env *cmdutil.Env) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "apply -f FILE|-",
		Short: "Apply a Registry manifest",
		Long:  "Apply a Registry manifest: deploy or update the registry as \"regctl registry deploy\" does\nwith flags.\n\n" + aboutDocument,
		Example: `  regctl registry deploy --storage emptydir --print spec --dry-run=client -o yaml >registry.yaml
  regctl apply -f registry.yaml`,
		Args: cobra.NoArgs,
	}
	fileFlag(cmd, &file)
	m := pipeline.AddSite(env, cmd)
	show := pipeline.PrintFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := document(m.Mutation, env, file)
		if err != nil {
			return err
		}
		return m.Deploy(cmd.Context(), env, s, show.Value)
	}
	return cmd
}

// NewDiff returns the command diff.
func NewDiff(env *cmdutil.Env) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "diff -f FILE|-",
		Short: "Show the changes that apply would make",
		Long: `Show the changes that "regctl apply" would make, with a dry run on the API server. The
exit status is 0 without differences, 1 with differences, and 2 on failure.

` + aboutDocument,
		Example: `  regctl diff -f registry.yaml`,
		Args:    cobra.NoArgs,
	}
	fileFlag(cmd, &file)
	m := &pipeline.Site{Mutation: &pipeline.Mutation{ChangeFlags: &pipeline.ChangeFlags{DryRun: &cmdutil.Enum{Value: string(plan.Server)}, Output: &cmdutil.Output{}, Diff: true}}, Platform: pipeline.SiteFlag(cmd)}
	m.Add(env, cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		differ, all, err := differences(m, cmd, env, file)
		if err != nil {
			return hint.BadUsage(err, hint.Of(err)) // 1 is for differences
		}
		if differ > 0 {
			return hint.Errorf("regctl apply -f "+file, "%d of %d objects differ", differ, all)
		}
		return nil
	}
	return cmd
}

func fileFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVarP(file, "filename", "f", "", "`file` with the Registry manifest, - for stdin")
	_ = cmd.MarkFlagRequired("filename") // the only failure is a flag that does not exist
}

// document reads what is wanted from a file.
func document(m *pipeline.Mutation, env *cmdutil.Env, file string) (platform.Spec, error) {
	read, name := func() ([]byte, error) { return os.ReadFile(file) }, file
	if file == "-" {
		read, name = func() ([]byte, error) { return io.ReadAll(env.In) }, "stdin"
	}
	text, err := read()
	if err != nil {
		return platform.Spec{}, cmdutil.FileError(name, err)
	}
	s, err := platform.ParseDocument(text)
	switch {
	case err != nil:
		return s, hint.BadUsage(fmt.Errorf("%s: %w", name, err), "for an example: regctl registry deploy --storage emptydir --print spec --dry-run=client -o yaml")
	case m.Namespace != "" && s.Namespace != "" && m.Namespace != s.Namespace:
		return s, hint.BadUsage(fmt.Errorf("%s: namespace %s of the manifest does not match --namespace %s", name, s.Namespace, m.Namespace), "omit --namespace")
	case s.Namespace != "":
		m.Namespace = s.Namespace
	}
	return s, nil
}

// differences prints them and counts them.
func differences(m *pipeline.Site, cmd *cobra.Command, env *cmdutil.Env, file string) (differ, all int, err error) {
	s, err := document(m.Mutation, env, file)
	if err != nil {
		return 0, 0, err
	}
	p, err := m.OpenFor(cmd.Context(), env, s)
	if err != nil {
		return 0, 0, err
	}
	dryRuns, err := p.Client.DryRuns(cmd.Context())
	if err != nil {
		return 0, 0, err
	}
	if !dryRuns { // an old server: what would be is put together here
		m.DryRun.Value = string(plan.Client)
	}
	_, changes, err := m.Plan(cmd.Context(), env, p, s)
	if err != nil {
		return 0, 0, err
	}
	runner := m.Runner(env)
	runner.Quiet = true
	results, err := runner.Run(cmd.Context(), changes)
	for _, r := range results {
		if r.Action != plan.Unchanged {
			differ++
		}
	}
	return differ, len(results), err
}
