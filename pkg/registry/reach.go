package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/distribution/distribution/v3/registry/storage/driver"
	"github.com/distribution/distribution/v3/registry/storage/driver/factory"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/objectstore"
)

// reach asks an S3 server for the registry's folder, so that wrong keys, a missing
// bucket or an unknown CA are an error at start and not a 500 at the first push.
func (s Storage) reach(ctx context.Context) error {
	bucket, err := objectstore.FromParameters(s.Parameters)
	if err != nil {
		return hint.BadUsage(err, storageForms)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	d, err := factory.Create(ctx, s.Kind, s.Parameters)
	if err != nil {
		return unmade(bucket, err)
	}
	_, err = d.Stat(ctx, "/")
	if _, empty := errors.AsType[driver.PathNotFoundError](err); err == nil || empty {
		return nil
	}
	if wrapped, ok := errors.AsType[driver.Error](err); ok {
		err = wrapped.Detail // there is no Unwrap to follow
	}
	return bucket.Explain(err, "regctl serve")
}

// unmade says which parameter distribution's driver refused.
func unmade(b objectstore.Bucket, err error) error {
	if strings.Contains(err.Error(), "invalid region") {
		return b.UnknownRegion()
	}
	return hint.BadUsage(fmt.Errorf("%s: %w", b, err), storageForms)
}

// Bucket is the place of an s3 storage.
func (s Storage) Bucket() (objectstore.Bucket, error) {
	if !slices.Contains([]string{"s3", "s3aws"}, s.Kind) {
		return objectstore.Bucket{}, fmt.Errorf("storage %s is not in S3", s)
	}
	return objectstore.FromParameters(s.Parameters)
}
