package registry

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	_ "github.com/distribution/distribution/v3/registry/storage/driver/s3-aws" // registers itself
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/objectstore"
)

func s3Kind() StorageKind {
	return StorageKind{
		Drivers: []string{"s3", "s3aws"}, Scheme: "s3", Form: "s3://BUCKET/PREFIX?region=REGION&endpoint=URL",
		Keys:  "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ~/.aws/credentials or the machine's role",
		parse: parseS3, complete: completeS3, where: objectName("s3", "bucket"), check: checkS3, remote: "regionendpoint",
	}
}

func parseS3(u *url.URL) (Storage, error) {
	s, err := objectURL{
		driver: "s3", container: "bucket", names: map[string]string{"endpoint": "regionendpoint"},
		allowed: []string{
			"regionendpoint", "region", "encrypt", "keyid", "skipverify", "chunksize", "storageclass", "objectacl", "forcepathstyle",
			"v4auth", "accelerate", "usedualstack", "usefipsendpoint", "multipartcopychunksize",
			"multipartcopymaxconcurrency", "multipartcopythresholdsize", "loglevel", "redirectendpoint",
		},
		secret: func(key string) bool { return strings.Contains(key, "accesskey") || strings.Contains(key, "secret") },
		keys:   "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write ~/.aws/credentials",
	}.parse(u)
	if err != nil {
		return s, err
	}
	p := s.Parameters
	if endpoint := text(p, "regionendpoint"); endpoint != "" {
		p["secure"] = !strings.HasPrefix(endpoint, "http://")
		if p["region"] == nil {
			p["region"] = "us-east-1" // of most servers other than Amazon's
		}
	}
	if p["region"] == nil {
		return Storage{}, hint.BadUsage(fmt.Errorf("storage s3://%s: no region", u.Host), "add ?region=REGION to the URL")
	}
	return s, nil
}

// completeS3 addresses buckets by path on servers other than Amazon's, as registry:2
// did: such servers seldom have a host name for each bucket.
func completeS3(p map[string]any) {
	if text(p, "regionendpoint") != "" && p["forcepathstyle"] == nil {
		p["forcepathstyle"] = true
	}
}

func checkS3(ctx context.Context, s Storage, _ bool) error {
	bucket, err := objectstore.FromParameters(s.Parameters)
	if err != nil {
		return hint.BadUsage(err, "give "+s3Kind().Form)
	}
	return s.reach(ctx, func(err error) error {
		if strings.Contains(err.Error(), "invalid region") {
			return bucket.UnknownRegion()
		}
		return hint.BadUsage(fmt.Errorf("%s: %w", bucket, err), "give "+s3Kind().Form)
	}, func(err error) error { return bucket.Explain(err, "regctl serve") })
}

// Bucket is the bucket of an s3 storage.
func (s Storage) Bucket() (objectstore.Bucket, error) {
	if !slices.Contains(s3Kind().Drivers, s.Kind) {
		return objectstore.Bucket{}, fmt.Errorf("storage %s is not in S3", s)
	}
	return objectstore.FromParameters(s.completed().Parameters)
}
