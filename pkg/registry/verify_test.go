package registry

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"testing"
	"testing/iotest"

	"github.com/distribution/distribution/v3/registry/storage/driver"
	"github.com/distribution/distribution/v3/registry/storage/driver/inmemory"
	"github.com/stretchr/testify/require"
)

// broken fails in the middle of each file, as a disk or a network file system may for a while.
type broken struct{ driver.StorageDriver }

func (b broken) Reader(ctx context.Context, path string, offset int64) (io.ReadCloser, error) {
	rc, err := b.StorageDriver.Reader(ctx, path, offset)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(io.MultiReader(io.LimitReader(rc, 10), iotest.ErrReader(io.ErrNoProgress))), nil
}

func TestUnreadableBlobIsNotQuarantined(t *testing.T) {
	content := bytes.Repeat([]byte("x"), 100)
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	path := "/docker/registry/v2/blobs/sha256/" + hash[:2] + "/" + hash + "/data"
	store := inmemory.New()
	require.NoError(t, store.PutContent(t.Context(), path, content))

	rc, err := (newDurable(broken{store}, "/")).Reader(t.Context(), path, 0)
	require.NoError(t, err)
	_, err = io.ReadAll(rc)
	require.ErrorIs(t, err, io.ErrNoProgress)
	_, err = store.Stat(t.Context(), path)
	require.NoError(t, err, "it is still there")
}
