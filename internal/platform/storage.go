package platform

import (
	"fmt"
	"strings"
)

// Kinds of storage, as --storage names them.
const (
	KindEmptyDir = "emptydir"
	KindHostPath = "hostpath"
	KindPVC      = "pvc"
	KindNFS      = "nfs"
	KindS3       = "s3"
)

// Kinds are the kinds of storage.
func Kinds() []string { return []string{KindEmptyDir, KindHostPath, KindPVC, KindNFS, KindS3} }

// Kind is the storage's kind; "" where it is of none that is known here.
func (s *Storage) Kind() string {
	switch {
	case s == nil:
	case s.EmptyDir != nil:
		return KindEmptyDir
	case s.HostPath != nil:
		return KindHostPath
	case s.PVC != nil:
		return KindPVC
	case s.NFS != nil:
		return KindNFS
	case s.S3 != nil:
		return KindS3
	}
	return ""
}

// Place names where the images are, for people; two storages of one place hold the same images.
func (s *Storage) Place() string {
	switch s.Kind() {
	case KindEmptyDir:
		return "the pod itself (emptydir)"
	case KindHostPath:
		return "the node's folder " + s.HostPath.Path
	case KindPVC:
		return "the claim " + s.PVC.Claim
	case KindNFS:
		return fmt.Sprintf("the NFS share %s:%s", s.NFS.Server, s.NFS.Path)
	case KindS3:
		return strings.TrimSpace("the bucket " + s.S3.Bucket + " " + s.S3.Endpoint)
	}
	return "storage that was set by others"
}
