package cli

import (
	"fmt"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/policy"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

func newPolicy(env *Env) *cobra.Command {
	return family("policy", "Say who may pull and push",
		`Give roles of the cluster to users and service accounts, and ask who may pull and push.

A registry that asks the cluster checks the same rights as OpenShift's: "get
imagestreams/layers" in the image's project to pull, "update imagestreams/layers" to
push, and "create imagestreams" for the first push of an image. "grant" gives them by
what they are for; on OpenShift its own roles, such as registry-viewer and
registry-editor, do as well.`,
		newPolicyAddRole(env), newPolicyRemoveRole(env), newPolicyGrant(env), newPolicyCanI(env), newPolicyAddSCC(env))
}

// subjectFlags add -z, --user and --group to commands; the originals name users as arguments.
func subjectFlags(cmd *cobra.Command, s *policy.Subjects) {
	f := cmd.Flags()
	f.StringSliceVarP(&s.Accounts, "serviceaccount", "z", nil, "a service account of the namespace, by its short `name`")
	f.StringSliceVar(&s.Groups, "group", nil, "a `group`, such as system:authenticated or system:serviceaccounts:PROJECT")
}

// newPolicyAddSCC answers those who know OpenShift: pods of other clusters are held in check elsewhere.
func newPolicyAddSCC(env *Env) *cobra.Command {
	var c clusterFlags
	var subjects policy.Subjects
	cmd := &cobra.Command{
		Use:    "add-scc-to-user SCC (USER | -z SERVICE-ACCOUNT)...",
		Short:  "Let pods do what a security context constraint allows (OpenShift)",
		Hidden: true, // until there is a platform on which it does something
		Args:   cobra.MinimumNArgs(1),
	}
	c.add(env, cmd)
	subjectFlags(cmd, &subjects)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		client, err := c.client(env)
		if err != nil {
			return err
		}
		found, err := client.Has(cluster.GVK{Group: "security.openshift.io", Version: "v1", Kind: "SecurityContextConstraints"})
		if err != nil {
			return err
		}
		if found {
			who := strings.Join(args[1:], " ")
			for _, account := range subjects.Accounts {
				who += " -z " + account
			}
			return hint.Errorf(fmt.Sprintf("oc adm policy add-scc-to-user %s %s -n %s", args[0], strings.TrimSpace(who), client.Namespace), "security context constraints: %w", platform.ErrUnsupported)
		}
		return hint.Errorf(fmt.Sprintf("kubectl label namespace %s pod-security.kubernetes.io/enforce=%s --overwrite", client.Namespace, podSecurity(args[0])),
			"scc/%s: %w: this cluster has no security context constraints; it checks pods by Pod Security, for a whole namespace", args[0], platform.ErrUnsupported)
	}
	return cmd
}

// podSecurity is the level of Pod Security that allows what a security context constraint does.
func podSecurity(scc string) string {
	switch strings.TrimSuffix(scc, "-v2") {
	case "restricted", "nonroot":
		return "restricted"
	case "anyuid":
		return "baseline"
	}
	return "privileged"
}

// shellWord writes a word as a shell reads it.
func shellWord(word string) string {
	if word != "" && strings.IndexFunc(word, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("@%+=:,./_-", r)
	}) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
