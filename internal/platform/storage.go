package platform

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/platform/settings"
)

// Storage is where the images are; exactly one kind is set.
type Storage struct {
	EmptyDir *EmptyDir `json:"emptyDir,omitempty"`
	HostPath *HostPath `json:"hostPath,omitempty"`
	PVC      *PVC      `json:"pvc,omitempty"`
	NFS      *NFS      `json:"nfs,omitempty"`
	S3       *S3       `json:"s3,omitempty"`
	Azure    *Azure    `json:"azure,omitempty"`
	GCS      *GCS      `json:"gcs,omitempty"`
}

// all lists the kinds; those that are not set are nil pointers.
func (s *Storage) all() []StorageKind {
	return []StorageKind{s.EmptyDir, s.HostPath, s.PVC, s.NFS, s.S3, s.Azure, s.GCS}
}

// StorageKind is one way to keep images: each kind is a file of this package.
type StorageKind interface {
	// Name is the kind, as --storage names it; also of a nil pointer.
	Name() string
	// Place names where the images are, for people.
	Place() string
	// Address is the place alone, without its kind: the name of a claim, a path, a bucket.
	Address() string
	// check finds what of it is missing or wrong.
	check() error
}

// A Mounted kind of storage is a volume of the registry's pod.
type Mounted interface {
	StorageKind
	// Volume is the source of the volume: its one key, and its fields.
	Volume() (key string, fields map[string]any)
	// WhyOnePod says why only one pod may use it; "" where pods can share it.
	WhyOnePod() string
}

// An ObjectStore is a kind of storage on a server to which the registry itself talks.
type ObjectStore interface {
	StorageKind
	// Login is how the registry logs in there.
	Login() *Access
	// Settings are what a registry is told, less its credentials; own: regctl's own image.
	Settings(own bool) settings.Settings
	// Keys are the secrets that it needs: those with no content are not given.
	Keys(own bool) ([]Credential, error)
	// TrustedCA is the PEM of the CA that signed the server's certificate; "" is one that the image knows.
	TrustedCA() string
}

// Access is how a registry logs in to an object store.
type Access struct {
	// Secret is the name of the Secret with the credentials; "" is the identity of the machine.
	Secret string `json:"secret,omitempty"`
	// Credentials are the content of that Secret, where it is to be made or changed.
	Credentials []byte `json:"-"`
}

// Login is the access itself, of a store that embeds it.
func (a *Access) Login() *Access { return a }

// Credential is one of the secrets with which a registry logs in to an object store.
type Credential struct {
	Variable string // of the registry: it holds the secret, or the path of its file
	File     string // the name of the file with the secret; "" where the variable holds it
	Key      string // its name in an object of OpenSVC
	Content  []byte
}

// SecretKey is its name in a Secret of Kubernetes.
func (c Credential) SecretKey() string {
	if c.File != "" {
		return c.File
	}
	return c.Variable
}

// Kinds are the names of the kinds of storage.
func Kinds() []string {
	names := []string{}
	for _, kind := range (&Storage{}).all() {
		names = append(names, kind.Name())
	}
	return names
}

// set lists the kinds that are set.
func (s *Storage) set() []StorageKind {
	if s == nil {
		return nil
	}
	return slices.DeleteFunc(s.all(), func(k StorageKind) bool { return reflect.ValueOf(k).IsNil() })
}

// Of is the kind that is set; nil where there is none.
func (s *Storage) Of() StorageKind {
	for _, kind := range s.set() {
		return kind
	}
	return nil
}

// Kind is the name of the storage's kind; "" where it is of none that is known here.
func (s *Storage) Kind() string {
	if kind := s.Of(); kind != nil {
		return kind.Name()
	}
	return ""
}

// ObjectStore is the storage as an object store; nil where it is none.
func (s *Storage) ObjectStore() ObjectStore {
	store, _ := s.Of().(ObjectStore)
	return store
}

// Mounted is the storage as a volume; nil where it is none.
func (s *Storage) Mounted() Mounted {
	mounted, _ := s.Of().(Mounted)
	return mounted
}

// Place names where the images are, for people; two storages of one place hold the same images.
func (s *Storage) Place() string {
	if kind := s.Of(); kind != nil {
		return kind.Place()
	}
	return "storage that regctl did not configure"
}

func (s *Storage) check() error {
	if n := len(s.set()); n != 1 {
		return fmt.Errorf("storage: must be exactly one of %s, not %d", strings.Join(Kinds(), ", "), n)
	}
	return s.Of().check()
}

// StorageOfVolume reads the source of a pod's volume; nil where a Spec cannot say it.
func StorageOfVolume(volume map[string]any) *Storage {
	for key, source := range volume {
		fields, _ := source.(map[string]any)
		text := func(name string) string {
			s, _ := fields[name].(string)
			return s
		}
		switch key {
		case "emptyDir":
			return &Storage{EmptyDir: &EmptyDir{}}
		case "hostPath":
			return &Storage{HostPath: &HostPath{Path: text("path")}}
		case "persistentVolumeClaim":
			return &Storage{PVC: &PVC{Claim: text("claimName")}}
		case "nfs":
			return &Storage{NFS: &NFS{Server: text("server"), Path: text("path")}}
		}
	}
	return nil
}

// StorageOfSettings reads what a registry is told of an object store; nil where it is told of none.
func StorageOfSettings(s settings.Settings) *Storage {
	for _, read := range []func(settings.Settings) *Storage{readS3, readAzure, readGCS} {
		if found := read(s); found != nil {
			return found
		}
	}
	return nil
}
