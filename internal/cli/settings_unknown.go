package cli

import (
	"maps"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// warnUnknown names what looks like a setting and sets nothing: variables REGCTL_…
// and keys of the settings file that no command has. A typo there is silent otherwise.
func warnUnknown(e *cmdutil.Env, root *cobra.Command, keys []string, file string) {
	known := map[string]bool{}
	knownSettings(root, known)
	variables := map[string]bool{"REGCTL_SETTINGS": true, cluster.PlainEnv: true}
	for key := range known {
		variables[variable(key)] = true
	}
	slices.Sort(keys)
	for _, key := range keys {
		if !known[key] {
			e.Warn("%s: unknown setting %s%s", file, key, didYouMean(key, known))
		}
	}
	if e.Environ == nil {
		return
	}
	for _, entry := range slices.Sorted(slices.Values(e.Environ())) {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "REGCTL_") && !variables[name] {
			e.Warn("unknown variable %s%s", name, didYouMean(name, variables))
		}
	}
}

// knownSettings collects the keys of all flags of a command and of those below it.
func knownSettings(cmd *cobra.Command, to map[string]bool) {
	note := func(f *pflag.Flag) { to[settingKey(cmd, f)] = true }
	cmd.LocalFlags().VisitAll(note)
	cmd.InheritedFlags().VisitAll(note)
	for _, c := range cmd.Commands() {
		knownSettings(c, to)
	}
}

func didYouMean(word string, among map[string]bool) string {
	if near := cmdutil.Nearest(word, slices.Sorted(maps.Keys(among))); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}
