// Package storage has the commands that prepare and check object storage for a registry.
package storage

import (
	"cmp"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/objectstore"
	"github.com/spf13/cobra"
)

// New is the family of commands about the place of images in S3.
func New(env *cmdutil.Env) *cobra.Command {
	return cmdutil.Family("storage", "Prepare and prove a place for images in S3",
		`A bucket of S3 as the place of a registry's images: what its user must be allowed, and
whether that is so.`,
		newStorageS3Policy(env),
		newStorageCheck(env),
	)
}

func newStorageS3Policy(env *cmdutil.Env) *cobra.Command {
	o := objectstore.PolicyOptions{}
	cmd := &cobra.Command{
		Use:   "s3-policy BUCKET",
		Short: "Print the least that a registry's user in S3 must be allowed",
		Long: `Print the IAM policy that lets a registry keep its images in a bucket, and no more:
each action in it is one that the registry's S3 driver needs. --explain says for
which requests, and what fails without it.

With --prefix it allows that folder of the bucket alone; give the registry the same
(s3://BUCKET/PREFIX). The bucket itself is not the registry's to make.`,
		Example: `  regctl storage s3-policy images
  regctl storage s3-policy images --prefix team/registry --read-only
  regctl storage s3-policy images --explain`,
		Args: cobra.ExactArgs(1),
	}
	f := cmd.Flags()
	f.StringVar(&o.Prefix, "prefix", "", "the `folder` of the bucket that the registry has")
	f.BoolVar(&o.ReadOnly, "read-only", false, "for a registry that is only pulled from")
	f.StringVar(&o.KMSKey, "kms-key", "", "`ARN` of the key that the objects are encrypted with, where the registry names one (keyid)")
	f.StringVar(&o.ACL, "object-acl", "", "canned `ACL` of the objects, where the registry names another than private (objectacl)")
	explain := f.Bool("explain", false, "list the actions and their reasons instead")
	partition := cmdutil.EnumFlag(cmd, "partition", "", "aws", "part of Amazon's cloud, which begins its ARNs", objectstore.Partitions()...)
	output := cmdutil.OutputFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		o.Bucket, o.Partition = args[0], partition.Value
		if *explain {
			return explainPolicy(env, o, output.Value)
		}
		policy, err := objectstore.Policy(o)
		if err != nil {
			return err
		}
		return env.Print(cmp.Or(output.Value, "json"), policy, nil)
	}
	return cmd
}

// explainPolicy lists the actions of a policy with their reasons.
func explainPolicy(e *cmdutil.Env, o objectstore.PolicyOptions, format string) error {
	if _, err := objectstore.Policy(o); err != nil {
		return err
	}
	table := [][]string{{"ACTION", "WITHOUT IT THESE FAIL"}}
	needed := []objectstore.Permission{}
	for _, p := range objectstore.Permissions() {
		if !p.Write || !o.ReadOnly {
			needed = append(needed, p)
			table = append(table, []string{p.Action, p.Why})
		}
	}
	return e.Print(format, needed, table)
}
