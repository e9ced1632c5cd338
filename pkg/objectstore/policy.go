package objectstore

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// Permission is an action that the registry's user must be allowed.
type Permission struct {
	Action string   `json:"action"` // as policies write it: s3:PutObject
	Calls  []string `json:"calls"`  // the operations of S3's API that the driver calls and that need it
	Why    string   `json:"why"`    // what fails without it
	Write  bool     `json:"write"`  // only a registry that is pushed to needs it
	bucket bool     // it is about the bucket, not about objects in it
}

// Permissions are all that distribution's s3 driver (3.1) needs, found by reading which
// operations it calls. GetBucketLocation, which its documentation lists, is not among
// them: the driver is told the region. PutObjectAcl is needed only for another ACL than "private".
func Permissions() []Permission {
	return []Permission{
		{Action: "s3:ListBucket", Calls: []string{"ListObjectsV2"}, bucket: true,
			Why: "finding out whether a directory exists, tags, the catalog, what a deletion covers; without it a missing object answers 403 instead of 404"},
		{Action: "s3:GetObject", Calls: []string{"HeadObject", "GetObject", "CopyObject", "UploadPartCopy"},
			Why: "pulls; the size of a blob; the source of the copy that ends each push of a layer"},
		{Action: "s3:PutObject", Write: true, Calls: []string{"PutObject", "CreateMultipartUpload", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload", "CopyObject"},
			Why: "pushes"},
		{Action: "s3:DeleteObject", Write: true, Calls: []string{"DeleteObjects"},
			Why: "the end of each push (a layer is copied to its place, and the upload removed), deletion, garbage collection"},
		{Action: "s3:AbortMultipartUpload", Write: true, Calls: []string{"AbortMultipartUpload"},
			Why: "interrupted pushes: without it their parts stay, hidden, and are billed"},
		{Action: "s3:ListMultipartUploadParts", Write: true, Calls: []string{"ListParts"},
			Why: "pushes in several requests, as docker's are: how much of the layer is stored"},
		{Action: "s3:ListBucketMultipartUploads", Write: true, Calls: []string{"ListMultipartUploads"}, bucket: true,
			Why: "pushes in several requests: which upload continues; it supports no condition on the prefix"},
	}
}

// Document is an IAM policy, in the form of its JSON.
type Document struct {
	Version   string
	Statement []Statement
}

// Statement allows some actions on some resources.
type Statement struct {
	Sid       string
	Effect    string
	Action    []string
	Resource  []string
	Condition map[string]map[string][]string `json:",omitempty"`
}

// PolicyOptions say what a policy is for.
type PolicyOptions struct {
	Bucket    string
	Prefix    string
	Partition string // of ARNs: aws, aws-cn or aws-us-gov
	KMSKey    string // ARN of the key that objects are encrypted with; "" for none
	ACL       string // "" is private
	ReadOnly  bool   // pulls alone
}

// Policy is the least that a registry's user must be allowed.
func Policy(o PolicyOptions) (Document, error) {
	o.Prefix = strings.Trim(o.Prefix, "/")
	if err := o.check(); err != nil {
		return Document{}, err
	}
	whole := "arn:" + o.Partition + ":s3:::" + o.Bucket
	list := allow("ListFolder", whole, "s3:ListBucket")
	objects := allow("Objects", whole+"/"+o.below("*"), o.actions()...)
	if o.Prefix != "" {
		list.Condition = map[string]map[string][]string{"StringLike": {"s3:prefix": {o.below("*")}}}
	}
	d := Document{Version: "2012-10-17", Statement: []Statement{list, objects}}
	if !o.ReadOnly {
		d.Statement = append(d.Statement, allow("ListUploads", whole, "s3:ListBucketMultipartUploads"))
	}
	if o.KMSKey != "" {
		key := []string{"kms:Decrypt", "kms:GenerateDataKey"}
		if o.ReadOnly {
			key = key[:1]
		}
		d.Statement = append(d.Statement, allow("Key", o.KMSKey, key...))
	}
	return d, nil
}

func (o PolicyOptions) below(key string) string { return Bucket{Prefix: o.Prefix}.Key(key) }

// actions are those on objects.
func (o PolicyOptions) actions() (actions []string) {
	for _, p := range Permissions() {
		if !p.bucket && (!p.Write || !o.ReadOnly) {
			actions = append(actions, p.Action)
		}
	}
	if o.ACL != "" && o.ACL != "private" && !o.ReadOnly {
		actions = append(actions, "s3:PutObjectAcl")
	}
	return actions
}

func allow(id, resource string, actions ...string) Statement {
	return Statement{Sid: id, Effect: "Allow", Action: actions, Resource: []string{resource}}
}

// Partitions are the parts of Amazon's cloud that have ARNs of their own.
func Partitions() []string { return []string{"aws", "aws-cn", "aws-us-gov"} }

var bucketName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._-]{1,253}[a-zA-Z0-9]$`)

func (o PolicyOptions) check() error {
	switch {
	case strings.HasPrefix(o.Bucket, "s3://") || strings.HasPrefix(o.Bucket, "arn:") || strings.Contains(o.Bucket, "/"):
		return hint.BadUsage(fmt.Errorf("bucket %q: give its name only", o.Bucket), "regctl storage s3-policy BUCKET --prefix PREFIX")
	case !bucketName.MatchString(o.Bucket):
		return hint.BadUsage(fmt.Errorf("bucket %q: invalid name", o.Bucket), "use at least 3 lower-case letters, digits, dots and hyphens")
	case strings.ContainsAny(o.Prefix, "*?$"):
		return hint.BadUsage(fmt.Errorf("prefix %q: must not contain *, ? or $, which are special in policies", o.Prefix), "name a directory: --prefix team/registry")
	case !slices.Contains(Partitions(), o.Partition):
		return hint.BadUsage(fmt.Errorf("partition %q: unknown", o.Partition), "one of "+strings.Join(Partitions(), ", "))
	case o.KMSKey != "" && !strings.HasPrefix(o.KMSKey, "arn:"+o.Partition+":kms:"):
		return hint.BadUsage(fmt.Errorf("KMS key %q: a policy requires its ARN, of partition %s", o.KMSKey, o.Partition), "aws kms describe-key --key-id ID --query KeyMetadata.Arn")
	}
	return nil
}
