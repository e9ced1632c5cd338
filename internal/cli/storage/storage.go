// Package storage has the commands that prepare and check object storage for a registry.
package storage

import (
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/objectstore"
	"github.com/spf13/cobra"
)

// New is the family of commands about storage for images.
func New(env *cmdutil.Env) *cobra.Command {
	return cmdutil.Family("storage", "Prepare and check S3 or Azure storage for a registry",
		`Prepare and check an S3 bucket or an Azure container for a registry's images.`,
		newStorageS3Policy(env),
		newStorageCheck(env),
	)
}

func newStorageS3Policy(env *cmdutil.Env) *cobra.Command {
	o := objectstore.PolicyOptions{}
	cmd := &cobra.Command{
		Use:   "s3-policy BUCKET",
		Short: "Print the least-privilege IAM policy for a registry's S3 bucket",
		Long: `Print the IAM policy with the permissions that a registry requires to store its images
in a bucket. --explain lists the requests that require each of them, and what fails
without it.

With --prefix the policy is limited to that directory of the bucket; give the registry
the same (s3://BUCKET/PREFIX). The registry does not create the bucket.`,
		Example: `  regctl storage s3-policy images
  regctl storage s3-policy images --prefix team/registry --read-only
  regctl storage s3-policy images --explain`,
		Args: cobra.ExactArgs(1),
	}
	f := cmd.Flags()
	f.StringVar(&o.Prefix, "prefix", "", "`directory` of the registry in the bucket")
	f.BoolVar(&o.ReadOnly, "read-only", false, "only allow pulls")
	f.StringVar(&o.KMSKey, "kms-key", "", "`ARN` of the key that encrypts the objects, if the registry sets one (keyid)")
	f.StringVar(&o.ACL, "object-acl", "", "canned `ACL` of the objects, if the registry sets objectacl")
	explain := f.Bool("explain", false, "list the actions and their reasons")
	partition := cmdutil.EnumFlag(cmd, "partition", "", "aws", "AWS partition of the ARNs", objectstore.Partitions()...)
	output := cmdutil.OutputFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		o.Bucket, o.Partition = args[0], partition.Value
		if *explain {
			return explainPolicy(env, o, output)
		}
		policy, err := objectstore.Policy(o)
		if err != nil {
			return err
		}
		if output.Value == "" {
			output.Value = "json" // a policy has no table
		}
		return output.Print(env, policy, nil)
	}
	return cmd
}

// explainPolicy lists the actions of a policy with their reasons.
func explainPolicy(e *cmdutil.Env, o objectstore.PolicyOptions, output *cmdutil.Output) error {
	if _, err := objectstore.Policy(o); err != nil {
		return err
	}
	table := [][]string{{"ACTION", "FAILS WITHOUT IT"}}
	needed := []objectstore.Permission{}
	for _, p := range objectstore.Permissions() {
		if !p.Write || !o.ReadOnly {
			needed = append(needed, p)
			table = append(table, []string{p.Action, p.Why})
		}
	}
	return output.Print(e, needed, table)
}
