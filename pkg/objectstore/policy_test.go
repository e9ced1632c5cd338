package objectstore_test

import (
	"encoding/json"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/objectstore"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

// TestPermissionsAreTheDriversCalls reads distribution's driver, of the version that is
// built in: it calls these operations of S3 and no others.
func TestPermissionsAreTheDriversCalls(t *testing.T) {
	pkgs, err := packages.Load(&packages.Config{Mode: packages.NeedSyntax | packages.NeedFiles | packages.NeedName, Fset: token.NewFileSet()},
		"github.com/distribution/distribution/v3/registry/storage/driver/s3-aws")
	require.NoError(t, err)
	require.Len(t, pkgs, 1)
	called := map[string]bool{}
	for _, f := range pkgs[0].Syntax {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if of, ok := call.X.(*ast.SelectorExpr); ok && of.Sel.Name == "S3" {
				name := strings.TrimSuffix(strings.TrimSuffix(call.Sel.Name, "WithContext"), "Pages")
				called[strings.TrimSuffix(name, "Request")] = true // a signed URL, of a redirect
			}
			return true
		})
	}
	documented := map[string]bool{}
	for _, p := range objectstore.Permissions() {
		for _, c := range p.Calls {
			documented[c] = true
		}
	}
	require.Equal(t, slices.Sorted(maps.Keys(called)), slices.Sorted(maps.Keys(documented)))
}

func TestPolicy(t *testing.T) {
	p, err := objectstore.Policy(objectstore.PolicyOptions{Bucket: "images", Prefix: "team/registry", Partition: "aws-cn"})
	require.NoError(t, err)
	b, err := json.Marshal(p)
	require.NoError(t, err)
	require.JSONEq(t, `{"Version": "2012-10-17", "Statement": [
		{"Sid": "ListFolder", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": ["arn:aws-cn:s3:::images"],
		 "Condition": {"StringLike": {"s3:prefix": ["team/registry/*"]}}},
		{"Sid": "Objects", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
		 "Resource": ["arn:aws-cn:s3:::images/team/registry/*"]},
		{"Sid": "ListUploads", "Effect": "Allow", "Action": ["s3:ListBucketMultipartUploads"], "Resource": ["arn:aws-cn:s3:::images"]}]}`, string(b))
}

func TestPolicyKinds(t *testing.T) {
	const key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"
	for name, c := range map[string]struct {
		o    objectstore.PolicyOptions
		want []string
	}{
		"all of it":   {objectstore.PolicyOptions{}, all()},
		"read only":   {objectstore.PolicyOptions{ReadOnly: true}, []string{"s3:GetObject", "s3:ListBucket"}},
		"own key":     {objectstore.PolicyOptions{KMSKey: key}, append(all(), "kms:Decrypt", "kms:GenerateDataKey")},
		"key, read":   {objectstore.PolicyOptions{KMSKey: key, ReadOnly: true}, []string{"kms:Decrypt", "s3:GetObject", "s3:ListBucket"}},
		"private ACL": {objectstore.PolicyOptions{ACL: "private"}, all()},
		"another ACL": {objectstore.PolicyOptions{ACL: "bucket-owner-full-control"}, append(all(), "s3:PutObjectAcl")},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.Bucket, c.o.Partition = "images", "aws"
			p, err := objectstore.Policy(c.o)
			require.NoError(t, err)
			var actions []string
			for _, s := range p.Statement {
				actions = append(actions, s.Action...)
				require.Equal(t, "Allow", s.Effect)
				require.Nil(t, s.Condition, "without a prefix there is nothing to limit")
			}
			require.ElementsMatch(t, c.want, actions)
			require.NotContains(t, strings.Join(actions, " "), "*")
		})
	}
}

func all() (actions []string) {
	for _, p := range objectstore.Permissions() {
		actions = append(actions, p.Action)
	}
	return actions
}

func TestPolicyRefuses(t *testing.T) {
	for name, o := range map[string]objectstore.PolicyOptions{
		"URL":             {Bucket: "s3://images"},
		"ARN":             {Bucket: "arn:aws:s3:::images"},
		"path":            {Bucket: "images/team"},
		"nothing":         {},
		"wildcard":        {Bucket: "images*"},
		"wildcard prefix": {Bucket: "images", Prefix: "team*"},
		"policy variable": {Bucket: "images", Prefix: "${aws:username}"},
		"partition":       {Bucket: "images", Partition: "mars"},
		"key's name":      {Bucket: "images", KMSKey: "alias/images"},
		"key elsewhere":   {Bucket: "images", KMSKey: "arn:aws-cn:kms:cn-north-1:1:key/1"},
	} {
		t.Run(name, func(t *testing.T) {
			if o.Partition == "" {
				o.Partition = "aws"
			}
			_, err := objectstore.Policy(o)
			require.Error(t, err)
			require.Equal(t, hint.Usage, hint.CodeOf(err))
			require.NotEmpty(t, hint.Of(err))
		})
	}
}
