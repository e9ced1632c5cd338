package host

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/pkg/atomicfile"
	"github.com/regctl/regctl/pkg/hint"
)

// Link is a symbolic link that is to be there. One that points elsewhere is replaced; what
// is no link is not.
type Link struct{ Path, Target string }

var _ plan.Change = (*Link)(nil)

// String is the link's path.
func (l *Link) String() string { return l.Path }

// Live reads where the link points to.
func (l *Link) Live(context.Context) ([]byte, error) {
	target, err := os.Readlink(l.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if _, there := os.Lstat(l.Path); err != nil && there == nil {
		return nil, hint.Errorf("move it, or choose another directory: --dir DIR", "exists and is not a symbolic link")
	}
	return []byte(target + "\n"), short(err)
}

// Want is where it is to point to.
func (l *Link) Want(context.Context, bool) ([]byte, error) { return []byte(l.Target + "\n"), nil }

// Apply makes it in one step, and its directory where that is missing.
func (l *Link) Apply(context.Context) error {
	if _, err := atomicfile.MkdirAll(filepath.Dir(l.Path), 0o755); err != nil {
		return short(err)
	}
	return short(renameio.Symlink(l.Target, l.Path))
}
