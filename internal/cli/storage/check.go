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
		Short: "Check that storage credentials and permissions are sufficient for a registry",
		Long: `Check that a registry can store its images in an S3 bucket or an Azure container.

The command does what a registry does with its storage, on a few objects in a directory
of its own (.regctl-check-…), and prints which permissions are missing. It deletes its
objects, also after Ctrl-C.

Name the storage as for "serve" (--storage) or as for "registry deploy" (--s3-…).
Credentials never come from the command line, but from:

  S3     --s3-credentials-file, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY,
         ~/.aws/credentials, or the machine's role
  Azure  AZURE_STORAGE_KEY (the account key), or AZURE_CLIENT_ID and the machine's identity`,
		Example: `  regctl storage check --s3-bucket images --s3-region us-east-1 --s3-endpoint https://s3.example.com --s3-credentials-file keys
  regctl storage check --storage 's3://images/team?region=eu-west-1' -o json`,
		Args: cobra.NoArgs,
	}
	f := cmd.Flags()
	f.StringVar(&c.storage, "storage", "", "storage `URL`, as for serve: s3://BUCKET/PREFIX?region=REGION or azure://…")
	f.StringVar(&c.bucket, "s3-bucket", "", "`bucket`, or BUCKET/PREFIX")
	f.StringVar(&c.prefix, "prefix", "", "`directory` of the registry in the bucket")
	f.StringVar(&c.region, "s3-region", "", "`region` of the bucket")
	f.StringVar(&c.endpoint, "s3-endpoint", "", "`URL` of a server other than Amazon's")
	f.StringVar(&c.keys, "s3-credentials-file", "", "`file` with keys, in the format of ~/.aws/credentials")
	f.StringVar(&c.ca, "ca", "", "PEM `file` with the CA of the server's certificate")
	f.BoolVar(&c.readOnly, "read-only", false, "check only what pulls require")
	output := cmdutil.OutputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		probe, cleanup, err := c.probe(env, cmd)
		if err != nil {
			return err
		}
		return runProbe(cmd.Context(), env, probe, cleanup, output)
	}
	return cmd
}

// prober tries what a registry does with its storage.
type prober interface {
	Run(ctx context.Context) (objectstore.Report, error)
}

// probe is the check that the flags ask for, and the command that removes what it may have to leave.
func (c *storageCheck) probe(env *cmdutil.Env, cmd *cobra.Command) (probe prober, cleanup string, err error) {
	raw, err := c.url(cmd)
	if err != nil {
		return nil, "", err
	}
	storage, err := registry.ParseStorage(raw)
	if err != nil {
		return nil, "", err
	}
	random := make([]byte, 6)
	if _, err := io.ReadFull(env.Rand, random); err != nil {
		return nil, "", err
	}
	name := ".regctl-check-" + hex.EncodeToString(random)
	if storage.Kind == "azure" {
		return &registry.Probe{Storage: storage, Name: name, ReadOnly: c.readOnly, Command: cmd.CommandPath()},
			"az storage blob delete-batch --source CONTAINER --pattern '*" + name + "/*'", c.onlyS3(cmd)
	}
	bucket, err := storage.Bucket()
	if err != nil {
		return nil, "", hint.BadUsage(err, "directories are checked when the registry starts (regctl serve); to check a bucket: regctl storage check --storage 's3://BUCKET?region=REGION'")
	}
	access, err := c.access(env)
	return &objectstore.Probe{Bucket: bucket, Access: access, Name: name, ReadOnly: c.readOnly, Command: cmd.CommandPath()},
		fmt.Sprintf("aws s3 rm --recursive s3://%s/%s/", bucket.Name, bucket.Key(name)), err
}

// onlyS3 refuses flags that other kinds of storage do not have.
func (c *storageCheck) onlyS3(cmd *cobra.Command) error {
	for _, name := range []string{"s3-credentials-file", "ca"} {
		if cmd.Flags().Changed(name) {
			return hint.BadUsage(fmt.Errorf("--%s cannot be used with azure", name), "set AZURE_STORAGE_KEY to the key of the account, and SSL_CERT_FILE to the file of a CA")
		}
	}
	return nil
}

// access is how the bucket is reached.
func (c *storageCheck) access(env *cmdutil.Env) (objectstore.Access, error) {
	access := objectstore.Access{Credentials: c.keys, Now: env.Now}
	if c.keys != "" {
		if _, err := pipeline.ReadKeys(c.keys); err != nil {
			return access, err
		}
	}
	if c.ca != "" {
		access.CAs = append(access.CAs, c.ca)
		if bundle := env.Getenv("AWS_CA_BUNDLE"); bundle != "" { // which the SDK would trust alone
			access.CAs = append(access.CAs, bundle)
		}
	}
	return access, nil
}

// url is the storage as serve takes it.
func (c *storageCheck) url(cmd *cobra.Command) (string, error) {
	if c.storage != "" {
		var wrong error
		cmd.Flags().Visit(func(f *pflag.Flag) {
			if name := f.Name; name == "prefix" || strings.HasPrefix(name, "s3-") && name != "s3-credentials-file" {
				wrong = hint.BadUsage(fmt.Errorf("--%s cannot be used with --storage", name), "add it to the URL: --storage 's3://BUCKET/PREFIX?region=REGION&endpoint=URL'")
			}
		})
		return c.storage, wrong
	}
	bucket, prefix, _ := strings.Cut(strings.Trim(c.bucket, "/"), "/")
	if bucket == "" {
		return "", hint.BadUsage(errors.New("no bucket given"), cmd.CommandPath()+" --s3-bucket BUCKET --s3-region REGION, or --storage s3://BUCKET?region=REGION")
	}
	if c.region == "" && c.endpoint == "" {
		return "", hint.BadUsage(fmt.Errorf("bucket %s: no region", bucket), "add --s3-region REGION, or --s3-endpoint URL for a server other than Amazon's")
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

// runProbe runs a check and prints the result of each operation.
func runProbe(ctx context.Context, e *cmdutil.Env, probe prober, cleanup string, output *cmdutil.Output) error {
	report, failed := probe.Run(ctx)
	if n := len(report.Left); n > 0 {
		e.Warn("%d objects were not deleted, for lack of permission: %s", n, cleanup)
	}
	if len(report.Operations) == 0 {
		return failed
	}
	table := [][]string{{"OPERATION", "ACTION", "RESULT", "WHY"}}
	for _, r := range report.Operations {
		table = append(table, []string{r.Operation, r.Action, r.Result, r.Why})
	}
	return errors.Join(failed, output.Print(e, report, table))
}
