package platform

import (
	"errors"
	"fmt"
	"path"

	"github.com/regctl/regctl/pkg/hint"
)

// KindNFS is the name of NFS.
const KindNFS = "nfs"

// NFS is a directory of a file server.
type NFS struct {
	Server string `json:"server,omitempty"`
	Path   string `json:"path,omitempty"`
}

// Name is nfs.
func (*NFS) Name() string { return KindNFS }

// Place is the share.
func (s *NFS) Place() string { return "the NFS share " + s.Address() }

// Address is SERVER:PATH.
func (s *NFS) Address() string { return fmt.Sprintf("%s:%s", s.Server, s.Path) }

// Volume is the share.
func (s *NFS) Volume() (key string, fields map[string]any) {
	return "nfs", map[string]any{"server": s.Server, "path": s.Path}
}

// WhyOnePod is nothing: pods share it.
func (*NFS) WhyOnePod() string { return "" }

func (s *NFS) check() error {
	if s.Server == "" || !path.IsAbs(s.Path) {
		return hint.New(errors.New("storage: nfs: requires a server and an absolute path"), "--nfs-server HOST --nfs-path /DIRECTORY")
	}
	return nil
}
