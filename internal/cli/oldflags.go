package cli

import (
	"errors"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/originals"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// addIgnored gives commands the flags of the originals that have no effect here.
func addIgnored(env *cmdutil.Env, root *cobra.Command, all []originals.Command) {
	for _, c := range all {
		cmd := commandOf(root, c)
		for _, f := range c.Flags {
			if f.Status != originals.Ignored || cmd.Flags().Lookup(f.Name) != nil {
				continue
			}
			short := f.Short
			if short != "" && cmd.Flags().ShorthandLookup(short) != nil {
				short = ""
			}
			added := cmd.Flags().VarPF(&ignored{env: env, flag: f}, f.Name, short, "ignored: "+f.Note)
			added.Hidden = true
			if f.Value == "" {
				added.NoOptDefVal = "true"
			}
		}
	}
}

// commandOf finds the command that regctl runs for one of oc or oadm.
func commandOf(root *cobra.Command, c originals.Command) *cobra.Command {
	cmd, _, err := root.Find(ownWords(root, c.Words))
	if err != nil {
		return root
	}
	return cmd
}

// ignored is a flag that says, where it is given, that it has no effect.
type ignored struct {
	env   *cmdutil.Env
	flag  originals.Flag
	given string
}

func (i *ignored) String() string { return i.given }
func (i *ignored) Type() string   { return i.flag.Value }
func (i *ignored) Set(value string) error {
	i.given = value
	i.env.Say("note: --%s is ignored: %s", i.flag.Name, i.flag.Note)
	return nil
}

// orRefused says of a flag that an original has and regctl does not what to use instead.
func orRefused(root *cobra.Command, all []originals.Command, otherwise func(*cobra.Command, error) error) func(*cobra.Command, error) error {
	return func(cmd *cobra.Command, err error) error {
		unknown, ok := errors.AsType[*pflag.NotExistError](err)
		if !ok {
			return otherwise(cmd, err)
		}
		for _, c := range all {
			for _, f := range c.Flags {
				name := unknown.GetSpecifiedName()
				if f.Status == originals.Refused && (name == f.Name || name == f.Short) && commandOf(root, c) == cmd {
					return hint.BadUsage(err, f.Note)
				}
			}
		}
		return otherwise(cmd, err)
	}
}
