// Package serviceaccount stores, for each registry, which service account of which cluster
// logs in there, and its token while that is fresh. The credential helper reads it.
package serviceaccount

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"
	"github.com/regctl/regctl/pkg/atomicfile"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/trust"
)

// Username is sent to a registry beside a service account's token: such registries verify
// the token alone, and a user name cannot contain the colons of the account's full name.
const Username = "serviceaccount"

// Account is a service account, and how to request its tokens.
type Account struct {
	Kubeconfigs []string `json:"kubeconfigs,omitempty"` // absolute paths; none in a pod, which needs no kubeconfig
	Context     string   `json:"context,omitempty"`     // of the kubeconfig
	Namespace   string   `json:"namespace"`
	Name        string   `json:"name"`
	Audiences   []string `json:"audiences,omitempty"` // of the tokens; by default the API server
	Duration    string   `json:"duration"`            // lifetime of a token: 24h0m0s
}

// String names the account for people.
func (a Account) String() string {
	return fmt.Sprintf("serviceaccount/%s of namespace %s", a.Name, a.Namespace)
}

// Lifetime parses the Duration.
func (a Account) Lifetime() (time.Duration, error) {
	d, err := time.ParseDuration(a.Duration)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%s: %q is not a duration", a, a.Duration)
	}
	return d, nil
}

// Store holds the accounts by registry (HOST[:PORT]), and their tokens.
type Store struct {
	Path  string // of the file
	Cache string // directory of the tokens, one subdirectory per host
}

// Accounts reads the file; a missing one is empty.
func (b Store) Accounts() (map[string]Account, error) {
	text, err := os.ReadFile(b.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]Account{}, nil
	}
	if err != nil {
		return nil, err
	}
	return parse(b.Path, text)
}

func parse(path string, text []byte) (map[string]Account, error) {
	all := map[string]Account{}
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, hint.Errorf("move it away and log in again: "+hint.Quote("mv", path, path+".bad"), "%s: not a list of service accounts: %w", path, err)
	}
	for host, a := range all {
		if !trust.IsHost(host) { // it becomes the name of a directory
			return nil, hint.Errorf("remove it from the file", "%s: %q is not HOST[:PORT]", path, host)
		}
		if _, err := a.Lifetime(); err != nil || a.Name == "" || a.Namespace == "" {
			return nil, hint.Errorf("log in again: regctl login "+host+" --service-account NAME --helper", "%s: %s: missing or invalid name, namespace or duration of the account", path, host)
		}
	}
	return all, nil
}

// Put saves the account of a host.
func (b Store) Put(host string, a Account) error {
	return b.change(func(all map[string]Account) bool {
		all[host] = a
		return true
	})
}

// Remove removes a host and its token, and tells whether it was known.
func (b Store) Remove(host string) (known bool, err error) {
	err = b.change(func(all map[string]Account) bool {
		_, known = all[host]
		delete(all, host)
		return known
	})
	if err != nil || !known {
		return false, err
	}
	return true, os.RemoveAll(b.folder(host))
}

// Hosts lists the registries, sorted.
func (b Store) Hosts() ([]string, error) {
	all, err := b.Accounts()
	return slices.Sorted(maps.Keys(all)), err
}

// change edits the file under a lock.
func (b Store) change(edit func(map[string]Account) (changed bool)) error {
	unlock, err := lock(filepath.Dir(b.Path))
	if err != nil {
		return err
	}
	defer unlock()
	all, err := b.Accounts()
	if err != nil || !edit(all) {
		return err
	}
	return write(b.Path, all)
}

// write replaces a file in one step; only its owner can read it.
func write(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(path, append(text, '\n'), 0o600)
}

// lock creates a directory, private to its owner, and waits for its lock. On a file system
// without locks it goes on without one: files are replaced in one step in any case.
func lock(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	l := flock.New(dir, flock.SetFlag(os.O_RDONLY))
	if err := l.Lock(); err != nil {
		return func() { _ = l.Close() }, nil //nolint:nilerr // see above
	}
	return func() { _ = l.Unlock() }, nil
}
