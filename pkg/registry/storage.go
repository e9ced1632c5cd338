package registry

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/regctl/regctl/pkg/hint"
)

// Storage is where a registry stores its images: a driver of distribution and its parameters.
type Storage struct {
	Kind       string         // the driver: filesystem, s3, azure or inmemory
	Parameters map[string]any // the driver's, in lower case
	Redirect   *bool          // whether pulls are redirected to the object store; nil: unless it has an endpoint of its own, which clients may not reach or trust
}

// StorageKind is a kind of storage. A new kind is a file as storage_azure.go is, and
// a line in StorageKinds.
type StorageKind struct {
	Drivers []string // names of its driver in config.yml; the first is the usual one
	Scheme  string   // of its URL
	Form    string   // of its URL, for help and hints
	Keys    string   // where its credentials come from, for help; "" for none

	parse    func(u *url.URL) (Storage, error)
	complete func(p map[string]any)                                    // adds the parameters that the others imply
	where    func(p map[string]any) string                             // for people, without secrets
	check    func(ctx context.Context, s Storage, readOnly bool) error // finds out at start what would fail the first push
	remote   string                                                    // the parameter of the endpoint, of a kind on another server
}

// StorageKinds are the kinds of storage that this registry can use.
func StorageKinds() []StorageKind {
	return []StorageKind{filesKind(), s3Kind(), azureKind(), memoryKind()}
}

// StorageForms are the forms of storage URLs, for help and hints.
func StorageForms() string {
	var forms []string
	for _, k := range StorageKinds() {
		forms = append(forms, k.Form)
	}
	return strings.Join(forms[:len(forms)-1], ", ") + " or " + forms[len(forms)-1]
}

// kindOf finds the kind of a driver; one that is not known is left to distribution.
func kindOf(driver string) StorageKind {
	for _, k := range StorageKinds() {
		if slices.Contains(k.Drivers, driver) {
			return k
		}
	}
	return StorageKind{
		Drivers: []string{driver}, complete: func(map[string]any) {}, where: func(map[string]any) string { return driver },
		check: func(context.Context, Storage, bool) error { return nil },
	}
}

// ParseStorage reads the URL of a storage:
//
//	file:///var/lib/registry
//	s3://bucket/prefix?region=eu-west-1&endpoint=https://s3.example.com
//	azure://container/prefix?account=name
//	memory:
//
// redirect=true redirects pulls to the object store (the default where it has no
// endpoint), redirect=false serves them. The rest of a query are parameters of distribution's
// driver. Credentials are never part of the URL: StorageKind.Keys says where they come from.
func ParseStorage(raw string) (Storage, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return Storage{}, badStorage("storage %q: not a URL", raw)
	}
	for _, k := range StorageKinds() {
		if u.Scheme == k.Scheme {
			return k.parse(u)
		}
	}
	if u.Scheme == "" {
		return Storage{}, badStorage("storage %q: not a URL", u.Redacted())
	}
	return Storage{}, badStorage("storage %q: unknown kind %q", u.Redacted(), u.Scheme)
}

func badStorage(format string, args ...any) error {
	return hint.BadUsage(fmt.Errorf(format, args...), "give "+StorageForms())
}

// String is where the storage is, for people, without secrets.
func (s Storage) String() string { return kindOf(s.Kind).where(s.Parameters) }

// Check tries the storage, so that a directory that cannot be written, or an object
// store that cannot be reached, is an error at start and not at the first push. A
// directory that is only read need not be writable.
func (s Storage) Check(ctx context.Context, readOnly bool) error {
	return kindOf(s.Kind).check(ctx, s.completed(), readOnly)
}

// completed is the storage with the parameters that are implied.
func (s Storage) completed() Storage {
	p := maps.Clone(s.Parameters)
	if p == nil {
		p = map[string]any{}
	}
	kindOf(s.Kind).complete(p)
	return Storage{Kind: s.Kind, Parameters: p, Redirect: s.Redirect}
}

// SetStorage replaces the kind of storage and its parameters. The settings of deletion and
// maintenance stay, and so do the parameters of the same kind that s does not have
// (keys, which may come from variables).
func SetStorage(cfg *Config, s Storage) {
	kind := cfg.Storage.Type()
	parameters := configuration.Parameters{}
	if slices.Contains(kindOf(s.Kind).Drivers, kind) {
		maps.Copy(parameters, cfg.Storage.Parameters())
	}
	maps.Copy(parameters, s.Parameters)
	delete(cfg.Storage, cmp.Or(kind, s.Kind))
	cfg.Storage[s.Kind] = parameters
	completeStorage(cfg)
	k := kindOf(s.Kind)
	if k.remote == "" {
		return
	}
	if cfg.Storage["cache"] == nil { // each question is a round trip
		cfg.Storage["cache"] = configuration.Parameters{"blobdescriptor": "inmemory"}
	}
	_, configured := cfg.Storage["redirect"]
	_, own := s.Parameters[k.remote]
	if s.Redirect != nil {
		own = !*s.Redirect
	}
	if s.Redirect != nil || !configured {
		cfg.Storage["redirect"] = configuration.Parameters{"disable": own}
	}
}

// completeStorage adds the parameters that a configuration's storage implies.
func completeStorage(cfg *Config) {
	kind := cfg.Storage.Type()
	if cfg.Storage[kind] == nil {
		cfg.Storage[kind] = configuration.Parameters{}
	}
	kindOf(kind).complete(cfg.Storage[kind])
}
