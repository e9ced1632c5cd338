package storage

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/objectstore"
	"github.com/regctl/regctl/pkg/registry"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// storageCheck is what storage check was told.
type storageCheck struct {
	storage                          string
	bucket, prefix, region, endpoint string
	keys, ca                         string
	readOnly                         bool
}

func newStorageCheck(env *cmdutil.Env) *cobra.Command {
	var c storageCheck
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Prove that a registry can keep its images in a bucket",
		Long: `Do what a registry does with a bucket, on a few objects of a folder of its own
(.regctl-check-…), and say what is refused, by the name of the permission. What was
put there is removed again, also after Ctrl-C.

The bucket is named as to "serve" (--storage) or as to "registry deploy" (--s3-…).
Keys come from --s3-credentials-file, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY,
~/.aws/credentials, or the machine's role: never from the command line.`,
		Example: `  regctl storage check --s3-bucket images --s3-region us-east-1 --s3-endpoint https://s3.example.com --s3-credentials-file keys
  regctl storage check --storage 's3://images/team?region=eu-west-1' -o json`,
		Args: cobra.NoArgs,
	}
	f := cmd.Flags()
	f.StringVar(&c.storage, "storage", "", "`URL` of the storage, as serve takes it: s3://BUCKET/PREFIX?region=R&endpoint=URL")
	f.StringVar(&c.bucket, "s3-bucket", "", "`bucket`, or BUCKET/PREFIX")
	f.StringVar(&c.prefix, "prefix", "", "`folder` of the bucket that the registry has")
	f.StringVar(&c.region, "s3-region", "", "`region` of the bucket")
	f.StringVar(&c.endpoint, "s3-endpoint", "", "`URL` of another server than Amazon's")
	f.StringVar(&c.keys, "s3-credentials-file", "", "`file` of the form of ~/.aws/credentials")
	f.StringVar(&c.ca, "ca", "", "PEM `file` of the CA that signed the server's certificate")
	f.BoolVar(&c.readOnly, "read-only", false, "try what a registry needs that is only pulled from")
	output := cmdutil.OutputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		probe, err := c.probe(env, cmd)
		if err != nil {
			return err
		}
		return runProbe(cmd.Context(), env, probe, output.Value)
	}
	return cmd
}

// probe is the check that the flags ask for.
func (c *storageCheck) probe(env *cmdutil.Env, cmd *cobra.Command) (*objectstore.Probe, error) {
	raw, err := c.url(cmd)
	if err != nil {
		return nil, err
	}
	storage, err := registry.ParseStorage(raw)
	if err != nil {
		return nil, err
	}
	bucket, err := storage.Bucket()
	if err != nil {
		return nil, hint.BadUsage(err, "only S3 is checked: --storage s3://BUCKET?region=REGION; folders are tried by regctl serve at its start")
	}
	access := objectstore.Access{Credentials: c.keys, Now: env.Now}
	if c.keys != "" {
		if _, err := pipeline.ReadKeys(c.keys); err != nil {
			return nil, err
		}
	}
	if c.ca != "" {
		access.CAs = append(access.CAs, c.ca)
		if bundle := env.Getenv("AWS_CA_BUNDLE"); bundle != "" { // which the SDK would believe alone
			access.CAs = append(access.CAs, bundle)
		}
	}
	random := make([]byte, 6)
	_, err = io.ReadFull(env.Rand, random)
	return &objectstore.Probe{
		Bucket: bucket, Access: access, Name: ".regctl-check-" + hex.EncodeToString(random), ReadOnly: c.readOnly, Command: cmd.CommandPath(),
	}, err
}

// url is the storage as serve takes it.
func (c *storageCheck) url(cmd *cobra.Command) (string, error) {
	if c.storage != "" {
		var wrong error
		cmd.Flags().Visit(func(f *pflag.Flag) {
			if name := f.Name; name == "prefix" || strings.HasPrefix(name, "s3-") && name != "s3-credentials-file" {
				wrong = hint.BadUsage(fmt.Errorf("--%s does not go with --storage", name), "say it in the URL: --storage 's3://BUCKET/PREFIX?region=REGION&endpoint=URL'")
			}
		})
		return c.storage, wrong
	}
	bucket, prefix, _ := strings.Cut(strings.Trim(c.bucket, "/"), "/")
	if bucket == "" {
		return "", hint.BadUsage(errors.New("no bucket is named"), cmd.CommandPath()+" --s3-bucket BUCKET --s3-region REGION, or --storage s3://BUCKET?region=REGION")
	}
	if c.region == "" && c.endpoint == "" {
		return "", hint.BadUsage(fmt.Errorf("bucket %s: no region", bucket), "--s3-region REGION; of another server than Amazon's --s3-endpoint URL")
	}
	q := url.Values{}
	if c.region != "" {
		q.Set("region", c.region)
	}
	if c.endpoint != "" {
		q.Set("endpoint", c.endpoint)
	}
	u := url.URL{Scheme: "s3", Host: bucket, Path: strings.Trim(prefix+"/"+strings.Trim(c.prefix, "/"), "/"), RawQuery: q.Encode()}
	return u.String(), nil
}

// probe runs a check and prints what came of each operation.
func runProbe(ctx context.Context, e *cmdutil.Env, probe *objectstore.Probe, format string) error {
	report, failed := probe.Run(ctx)
	if n := len(report.Left); n > 0 {
		e.Warn("%d objects stay, since they may not be deleted: aws s3 rm --recursive s3://%s/%s/", n, report.Bucket, probe.Bucket.Key(probe.Name))
	}
	if len(report.Operations) == 0 {
		return failed
	}
	table := [][]string{{"OPERATION", "ACTION", "RESULT", "WHY"}}
	for _, r := range report.Operations {
		table = append(table, []string{r.Operation, r.Action, r.Result, r.Why})
	}
	return errors.Join(failed, e.Print(format, report, table))
}
