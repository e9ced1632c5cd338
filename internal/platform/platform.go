// Package platform says what is wanted of a registry, and turns that into changes
// for each kind of place where registries run.
package platform

import (
	"context"
	"errors"

	"github.com/regctl/regctl/internal/plan"
)

// DefaultName is the registry's name where none is given.
const DefaultName = "docker-registry"

// StorageVolume is the name of the volume that holds the images, whatever its source.
const StorageVolume = "registry-storage"

// ErrUnsupported is wrapped by the error of a platform that lacks what is asked for.
var ErrUnsupported = errors.New("not supported on this platform")

// ErrNoStorage says that it is not known where the images are to be.
var ErrNoStorage = errors.New("no storage specified")

// Spec says what is wanted of a registry. What is nil is not spoken about and
// stays as it is. Its parts are also the spec of a Registry document.
type Spec struct {
	Name      string    `json:"-"`
	Namespace string    `json:"-"`
	Workload  *Workload `json:"workload,omitempty"`
	Storage   *Storage  `json:"storage,omitempty"`
	TLS       *TLS      `json:"tls,omitempty"`
	Auth      *Auth     `json:"auth,omitempty"`
	Exposure  *Exposure `json:"exposure,omitempty"`
	Service   *Service  `json:"service,omitempty"`  // of OpenSVC alone
	Operator  *Operator `json:"operator,omitempty"` // of OpenShift 4 alone
}

// Workload is what runs, and where.
type Workload struct {
	Image              string            `json:"image,omitempty"`
	Template           *ImageTemplate    `json:"-"`                  // how the image's name is made, where Image is not said
	Replicas           *int32            `json:"replicas,omitempty"` // nil: whoever set them keeps them
	DaemonSet          *bool             `json:"daemonSet,omitempty"`
	Ports              []Port            `json:"ports,omitempty"`       // the first one is the registry's
	Labels             map[string]string `json:"labels,omitempty"`      // of all objects, and the selector
	NodeSelector       map[string]string `json:"nodeSelector,omitzero"` // empty: any node
	ServiceAccount     string            `json:"serviceAccount,omitempty"`
	ClusterIP          string            `json:"clusterIP,omitempty"`
	FSGroup            *int64            `json:"fsGroup,omitempty"`
	SupplementalGroups []int64           `json:"supplementalGroups,omitempty"`
	MountPath          string            `json:"mountPath,omitempty"` // of the storage in the container
	EnforceQuota       *bool             `json:"enforceQuota,omitempty"`
}

// Port is a port of the container, and of its node where Host is not 0.
type Port struct {
	Container int32 `json:"container"`
	Host      int32 `json:"host,omitempty"`
}

// TLS is the registry's certificate.
type TLS struct {
	Off    bool   `json:"disabled,omitempty"` // plain HTTP, for where something else encrypts
	Secret string `json:"secret,omitempty"`   // of type kubernetes.io/tls; by default NAME-tls, made where it is missing

	Certificate, Key []byte `json:"-"` // PEM: the content of that Secret, where it is given
}

// Kinds of Auth.
const (
	AuthHtpasswd  = "htpasswd"
	AuthNone      = "none"
	AuthOpenShift = "openshift" // the cluster's tokens and roles, as OpenShift's own image asks for them
)

// Auth is how users authenticate.
type Auth struct {
	Kind   string `json:"kind"`             // AuthHtpasswd, AuthNone or AuthOpenShift
	Secret string `json:"secret,omitempty"` // with the key htpasswd; by default NAME-users, made where it is missing
}

// A Platform knows one kind of place where registries run.
type Platform interface {
	// Complete lays what is wanted over the existing object, and fills in the defaults. A
	// registry whose storage was never specified is ErrNoStorage.
	Complete(ctx context.Context, s Spec) (Spec, error)
	// Plan turns a complete Spec into changes, in the order in which they are to be
	// made. A part that the platform lacks is ErrUnsupported, with what to use instead.
	Plan(ctx context.Context, s Spec) ([]plan.Change, error)
}
