// Package policy has the commands about roles and security context constraints, as "oc policy".
package policy

import (
	"slices"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/policy"
	"github.com/spf13/cobra"
)

func New(env *cmdutil.Env) *cobra.Command {
	all := []*cobra.Command{newPolicyGrant(env), newPolicyCanI(env)}
	all = append(append(all, newPolicyRoles(env)...), newPolicySCCs(env)...)
	return cmdutil.Family("policy", "Say who may pull and push",
		`Give roles of the cluster to users and service accounts, and ask who may pull and push.

A registry that asks the cluster checks the same rights as OpenShift's: "get
imagestreams/layers" in the image's project to pull, "update imagestreams/layers" to
push, and "create imagestreams" for the first push of an image. "grant" gives them by
what they are for: on OpenShift by the smallest of its own roles that does it.`,
		all...)
}

// subjectFlags add -z to commands that are about users; the originals name users and groups as arguments.
func subjectFlags(cmd *cobra.Command, s *policy.Subjects, group bool) {
	if group {
		return
	}
	f := cmd.Flags()
	f.StringSliceVarP(&s.Accounts, "serviceaccount", "z", nil, "a service account of the namespace, by its short `name`")
	f.StringSliceVar(&s.Groups, "group", nil, "a `group`, such as system:authenticated or system:serviceaccounts:PROJECT")
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
