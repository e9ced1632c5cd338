// Package policy has the commands about roles and security context constraints, as "oc policy".
package policy

import (
	"slices"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/policy"
	"github.com/spf13/cobra"
)

// New returns the command policy with its subcommands.
func New(env *cmdutil.Env) *cobra.Command {
	all := []*cobra.Command{newPolicyGrant(env), newPolicyCanI(env)}
	all = append(append(all, newPolicyRoles(env)...), newPolicySCCs(env)...)
	return cmdutil.Family("policy", "Manage pull and push permissions",
		`Manage pull and push permissions: grant roles to users and service accounts, and check
who can pull and push.

Registries that use the cluster's authentication check these permissions in the image's
project: "get imagestreams/layers" to pull, "update imagestreams/layers" to push, and
"create imagestreams" for the first push of an image. "grant" binds the smallest role
that includes them.`,
		all...)
}

// subjectFlags add -z to commands that are about users; the originals name users and groups as arguments.
func subjectFlags(cmd *cobra.Command, s *policy.Subjects, group bool) {
	if group {
		return
	}
	f := cmd.Flags()
	f.StringSliceVarP(&s.Accounts, "serviceaccount", "z", nil, "`name` of a service account in the namespace")
	f.StringSliceVar(&s.Groups, "group", nil, "`group`: system:authenticated or system:serviceaccounts:PROJECT")
}

// addSubjects puts the arguments, which are users or groups, before those of flags.
func addSubjects(s *policy.Subjects, group bool, names []string) {
	if group {
		s.Groups = slices.Concat(names, s.Groups)
	} else {
		s.Users = slices.Concat(names, s.Users)
	}
}

// whom is how a usage line names subjects.
func whom(group bool) string {
	if group {
		return "GROUP..."
	}
	return "(USER | -z SERVICE-ACCOUNT)..."
}

func whomWord(group bool) string {
	if group {
		return "GROUP"
	}
	return "USER"
}

func whomWords(group bool) string {
	if group {
		return "groups"
	}
	return "users, groups or service accounts"
}

func warnAll(env *cmdutil.Env, lines []string) {
	for _, line := range lines {
		env.Warn("%s", line)
	}
}
