package cmdutil

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Headings for FlagGroup.
const (
	GroupWorkload   = "Workload"
	GroupStorage    = "Storage"
	GroupTLS        = "TLS"
	GroupSelection  = "Selection"
	GroupOutput     = "Output"
	GroupKubeconfig = "Kubeconfig"
	GroupOpenShift  = "OpenShift"
	GroupOpenShift3 = "OpenShift 3"
	GroupOpenShift4 = "OpenShift 4"
	GroupOpenSVC    = "OpenSVC"
)

// groupOrder is the order of the headings in help: those of a single platform come last.
func groupOrder() []string {
	return []string{
		"", GroupWorkload, GroupStorage, GroupTLS, GroupSelection, GroupOutput, GroupKubeconfig,
		GroupOpenShift, GroupOpenShift3, GroupOpenShift4, GroupOpenSVC,
	}
}

// groupKey is the annotation that holds the heading of a flag.
const groupKey = "regctl_group"

// FlagGroup puts the flags that add defines under a heading of the command's help.
// Flags that already have a heading keep it.
func FlagGroup(cmd *cobra.Command, heading string, add func(*cobra.Command)) {
	known := map[string]bool{}
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known[f.Name] = true })
	add(cmd)
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !known[f.Name] && f.Annotations[groupKey] == nil {
			_ = cmd.Flags().SetAnnotation(f.Name, groupKey, []string{heading}) // the only failure is a flag that does not exist
		}
	})
}

type flagGroup struct {
	heading string
	flags   *pflag.FlagSet
}

// groupFlags sorts flags by heading; those without one come first.
func groupFlags(flags *pflag.FlagSet) []flagGroup {
	sets := map[string]*pflag.FlagSet{}
	flags.VisitAll(func(f *pflag.Flag) {
		name := ""
		if a := f.Annotations[groupKey]; a != nil {
			name = a[0]
		}
		if sets[name] == nil {
			sets[name] = pflag.NewFlagSet(name, pflag.ContinueOnError)
		}
		sets[name].AddFlag(f)
	})
	groups := []flagGroup{}
	for _, name := range groupOrder() {
		if sets[name] == nil {
			continue
		}
		heading := name + " Flags"
		if name == "" {
			heading = "Common Flags"
		}
		groups = append(groups, flagGroup{heading, sets[name]})
	}
	if len(groups) == 1 {
		groups[0].heading = "Flags"
	}
	return groups
}
