package registry

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"github.com/distribution/distribution/v3/registry/storage/driver"
	"github.com/opencontainers/go-digest"
)

// durable makes distribution's filesystem driver keep what it has acknowledged: when
// a call returns, the name of the file is on the disk, and so are the names of the
// directories above it. The driver syncs the data but not every name, so that a power
// cut after "201 Created" could remove the blob.
//
// A blob that is empty (what a crash of an older registry may have left) or corrupted
// counts as missing, so that the next push restores it.
type durable struct {
	driver.StorageDriver
	root     string                       // the driver's root directory
	sync     func(directory string) error // fsync
	synced   sync.Map                     // paths of directories whose names are known to be on the disk
	verified verifiedBlobs
}

func newDurable(d driver.StorageDriver, root string) *durable {
	return &durable{StorageDriver: d, root: root, sync: syncDirectory}
}

// PutContent stores small content, replacing the existing file, and syncs its name.
func (d *durable) PutContent(ctx context.Context, path string, content []byte) error {
	if err := d.StorageDriver.PutContent(ctx, path, content); err != nil {
		return err
	}
	return d.syncName(path)
}

// Move renames an object, as the last step of each blob upload, and syncs its new name.
func (d *durable) Move(ctx context.Context, from, to string) error {
	if err := d.StorageDriver.Move(ctx, from, to); err != nil {
		return err
	}
	return d.syncName(to)
}

// syncName syncs the directory of a new file, and the directories above it up to the
// first whose name is known to be on the disk. That a directory exists says too
// little: the push that created it may not have synced it yet.
func (d *durable) syncName(path string) error {
	dir := filepath.Dir(filepath.Join(d.root, path))
	if err := d.sync(dir); err != nil {
		return err
	}
	var synced []string
	for ; len(dir) > len(d.root); dir = filepath.Dir(dir) {
		if _, known := d.synced.Load(dir); known {
			break
		}
		if err := d.sync(filepath.Dir(dir)); err != nil {
			return err
		}
		synced = append(synced, dir)
	}
	for _, dir := range synced { // a name is on the disk only if all above it are
		d.synced.Store(dir, true)
	}
	return nil
}

// Delete removes a file or directory. The directories that are known to be on the disk are
// forgotten, since they may be created again.
func (d *durable) Delete(ctx context.Context, path string) error {
	d.synced.Clear()
	return d.StorageDriver.Delete(ctx, path)
}

func syncDirectory(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

var blobPath = regexp.MustCompile(`/blobs/([a-z0-9]+)/[0-9a-f]{2}/([0-9a-f]+)/data$`)

// blobDigest returns the digest of the blob that a path is for.
func blobDigest(path string) (digest.Digest, bool) {
	m := blobPath.FindStringSubmatch(path)
	if m == nil {
		return "", false
	}
	d := digest.NewDigestFromEncoded(digest.Algorithm(m[1]), m[2])
	return d, d.Algorithm().Available()
}

// Stat returns size and time of a file. An empty file in the place of a blob is not found.
func (d *durable) Stat(ctx context.Context, path string) (driver.FileInfo, error) {
	info, err := d.StorageDriver.Stat(ctx, path)
	if err != nil || info.IsDir() || info.Size() > 0 {
		return info, err
	}
	if want, ok := blobDigest(path); ok && want != want.Algorithm().FromBytes(nil) {
		return nil, driver.PathNotFoundError{Path: path, DriverName: d.Name()}
	}
	return info, nil
}
