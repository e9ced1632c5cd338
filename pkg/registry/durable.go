package registry

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"github.com/distribution/distribution/v3/registry/storage/driver"
)

// durable makes distribution's filesystem driver keep what it has acknowledged:
// a name is on the disk, up to the first folder that was there before, when a
// call returns. The driver itself syncs the data but not the names, so that a
// power cut after "201 Created" could take the blob away again.
//
// It also never shows an empty file in the place of a blob (what a crash of an
// older registry may have left), nor damaged bytes: the blob counts as missing, and
// the next push mends it.
type durable struct {
	driver.StorageDriver
	root  string   // the driver's root directory
	known sync.Map // folders (paths) whose names are known to be on the disk
	sound sound
}

// PutContent stores small content, replacing what was there, and syncs its name.
func (d *durable) PutContent(ctx context.Context, path string, content []byte) error {
	return d.named(path, func() error { return d.StorageDriver.PutContent(ctx, path, content) })
}

// Move renames an object, as the last step of each blob upload, and syncs its new name.
func (d *durable) Move(ctx context.Context, from, to string) error {
	return d.named(to, func() error { return d.StorageDriver.Move(ctx, from, to) })
}

// named runs create, which makes the file path, and syncs the folders up to the
// first whose name is known to be on the disk. That it is there says too little: the
// push that is making it may not have synced it yet.
func (d *durable) named(path string, create func() error) error {
	if err := create(); err != nil {
		return err
	}
	dir := filepath.Dir(filepath.Join(d.root, path))
	if err := syncFolder(dir); err != nil {
		return err
	}
	for ; len(dir) > len(d.root); dir = filepath.Dir(dir) {
		if _, known := d.known.Load(dir); known {
			return nil
		}
		if err := syncFolder(filepath.Dir(dir)); err != nil {
			return err
		}
		d.known.Store(dir, true)
	}
	return nil
}

// Delete removes a file or folder; what was known of folders is forgotten, since they may be made anew.
func (d *durable) Delete(ctx context.Context, path string) error {
	d.known.Clear()
	return d.StorageDriver.Delete(ctx, path)
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

var blobData = regexp.MustCompile(`/blobs/([a-z0-9]+)/[0-9a-f]{2}/([0-9a-f]+)/data$`)

// emptyBlob is the SHA-256 of nothing, the one blob that may be empty.
const emptyBlob = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// Stat tells size and time of a file; a blob that is empty and should not be is not there.
func (d *durable) Stat(ctx context.Context, path string) (driver.FileInfo, error) {
	info, err := d.StorageDriver.Stat(ctx, path)
	if err != nil || info.IsDir() || info.Size() > 0 {
		return info, err
	}
	if m := blobData.FindStringSubmatch(path); m != nil && (m[1] != "sha256" || m[2] != emptyBlob) {
		return nil, driver.PathNotFoundError{Path: path, DriverName: d.Name()}
	}
	return info, nil
}
