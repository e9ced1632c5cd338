package cli

import (
	"errors"
	"slices"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/expose"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// ownWords leaves out the words that oc and oadm have before what is a command of its own here, so that
// "oadm registry …", "oc adm policy …" and "set volume …" run the same command, with the same settings and help.
func ownWords(root *cobra.Command, args []string) []string {
	for {
		word, rest := cmdutil.FirstWord(args)
		next, _ := cmdutil.FirstWord(rest)
		if !before(root, word, next) {
			return args
		}
		args = rest
	}
}

// before tells whether word only stands before next, which regctl has too.
func before(root *cobra.Command, word, next string) bool {
	switch word {
	case "oc", "oadm":
		c, _, err := root.Find([]string{next})
		return slices.Contains([]string{"adm", "set"}, next) || err == nil && c != root && c.Name() != "oc"
	case "adm":
		return slices.Contains([]string{"registry", "policy", "ca"}, next)
	case "set":
		return slices.Contains([]string{"env", "volume", "volumes"}, next)
	}
	return false
}

// newHiddenCreate is "create route", the one kind of object of "oc create" that regctl creates.
func newHiddenCreate(env *cmdutil.Env) *cobra.Command {
	route := cmdutil.Family("route", "Create a route to a registry's service", "Create a route to a registry's service, as \"oc create route\".", expose.NewCreateRoutes(env)...)
	route.RunE = func(cmd *cobra.Command, _ []string) error {
		return hint.BadUsage(errors.New("a route requires a kind: passthrough, edge or reencrypt"), cmd.CommandPath()+" passthrough --help")
	}
	create := &cobra.Command{Use: "create", Hidden: true, DisableFlagParsing: true, RunE: sayInstead}
	create.AddCommand(route)
	return create
}
