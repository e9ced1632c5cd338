package registry

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/distribution/distribution/v3/registry/storage/driver"
	"github.com/distribution/distribution/v3/registry/storage/driver/factory"
	"github.com/regctl/regctl/pkg/hint"
)

// reach asks an S3 server for the registry's folder, so that wrong keys, a missing
// bucket or an unknown CA are an error at start and not a 500 at the first push.
func (s Storage) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	d, err := factory.Create(ctx, s.Kind, s.Parameters)
	if err != nil {
		return nil // NewApp, which makes the driver for good, says what is wrong
	}
	_, err = d.Stat(ctx, "/")
	if _, empty := errors.AsType[driver.PathNotFoundError](err); err == nil || empty {
		return nil
	}
	return s.explain(err)
}

// explain says in one line what an S3 server, or the way to it, complains about.
func (s Storage) explain(err error) error {
	code, err := cause(err)
	bucket, endpoint := s.Parameters["bucket"], s.Parameters["regionendpoint"]
	where, mb := fmt.Sprintf("storage s3 bucket %v", bucket), fmt.Sprintf("aws s3 mb s3://%v --region %v", bucket, s.Parameters["region"])
	if endpoint != nil {
		where, mb = fmt.Sprintf("%s at %v", where, endpoint), fmt.Sprintf("aws s3 mb s3://%v --endpoint-url %v", bucket, endpoint)
	}
	err = fmt.Errorf("%s: %w", where, err)
	if _, unknown := errors.AsType[x509.UnknownAuthorityError](err); unknown {
		return hint.New(err, "regctl serve --ca FILE, with the CA of the S3 server")
	}
	switch code {
	case "NoSuchBucket":
		return hint.New(err, mb)
	case "NoCredentialProviders":
		return hint.New(fmt.Errorf("%s: no keys to log in with", where), "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write ~/.aws/credentials")
	case "InvalidAccessKeyId", "SignatureDoesNotMatch":
		return hint.NotAllowed(err, "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	case "AccessDenied":
		return hint.NotAllowed(err, "let the user of these keys list, read and write the bucket")
	}
	return hint.New(err, "check the bucket, region and endpoint of --storage")
}

// cause digs the first error, and S3's name for it, out of those of the driver and
// the SDK, which say neither Unwrap nor anything in one line.
func cause(err error) (code string, _ error) {
	if wrapped, ok := errors.AsType[driver.Error](err); ok {
		err = wrapped.Detail
	}
	for {
		sdk, ok := err.(interface { // there is no Unwrap to follow
			Code() string
			Message() string
			OrigErr() error
		})
		if !ok {
			return code, err
		}
		code, err = sdk.Code(), sdk.OrigErr()
		if err == nil {
			return code, errors.New(strings.TrimSuffix(code+": "+sdk.Message(), "."))
		}
	}
}
