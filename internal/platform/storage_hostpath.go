package platform

import (
	"fmt"
)

// KindHostPath is the name of HostPath.
const KindHostPath = "hostpath"

// HostPath is a directory of the node.
type HostPath struct {
	Path string `json:"path"` // absolute
}

// Name is hostpath.
func (*HostPath) Name() string { return KindHostPath }

// Place is the directory.
func (s *HostPath) Place() string { return "the node's directory " + s.Path }

// Address is its path.
func (s *HostPath) Address() string { return s.Path }

// Volume is the directory, which is made where it is missing.
func (s *HostPath) Volume() (key string, fields map[string]any) {
	return "hostPath", map[string]any{"path": s.Path, "type": "DirectoryOrCreate"}
}

// WhyOnePod says what pods on several nodes would do.
func (*HostPath) WhyOnePod() string {
	return "nodes would not share images, so pulls would fail at random"
}

func (s *HostPath) check() error {
	if !isDirPath(s.Path) {
		return fmt.Errorf("storage: hostpath %q: must be a directory of the node, such as /var/lib/registry", s.Path)
	}
	return nil
}
