// Package serviceaccount keeps, for each registry, which service account of which cluster
// logs in there, and its token for as long as that is fresh. A credential helper asks it.
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

// Username is what a registry is shown beside a service account's token: such registries look
// at the token alone, and the account's full name has colons, which cannot be sent.
const Username = "serviceaccount"

// Account is a service account, and the way to its tokens.
type Account struct {
	Kubeconfigs []string `json:"kubeconfigs,omitempty"` // paths, absolute; none in a pod, which needs no kubeconfig
	Context     string   `json:"context,omitempty"`     // of the kubeconfig
	Namespace   string   `json:"namespace"`
	Name        string   `json:"name"`
	Audiences   []string `json:"audiences,omitempty"` // whom the tokens are for; by default the API server
	Duration    string   `json:"duration"`            // how long a token is to live: 24h0m0s
}

// String names the account for people.
func (a Account) String() string {
	return fmt.Sprintf("serviceaccount/%s of namespace %s", a.Name, a.Namespace)
}

// Lifetime is the Duration.
func (a Account) Lifetime() (time.Duration, error) {
	d, err := time.ParseDuration(a.Duration)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%s: %q is not a duration", a, a.Duration)
	}
	return d, nil
}

// Book is where it is written which account is for which registry (HOST[:PORT]).
type Book struct {
	Path  string // of the file
	Cache string // the folder of the tokens, one folder a host
}

// Accounts reads the book; one that is not there is empty.
func (b Book) Accounts() (map[string]Account, error) {
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
		return nil, hint.Errorf("set it aside, and log in again: "+hint.Quote("mv", path, path+".bad"), "%s: not a list of service accounts: %w", path, err)
	}
	for host, a := range all {
		if !trust.IsHost(host) { // it becomes the name of a folder
			return nil, hint.Errorf("take it out of the file", "%s: %q is not HOST[:PORT]", path, host)
		}
		if _, err := a.Lifetime(); err != nil || a.Name == "" || a.Namespace == "" {
			return nil, hint.Errorf("log in again: regctl login "+host+" --service-account NAME --helper", "%s: %s: the account's name, namespace or duration is missing or wrong", path, host)
		}
	}
	return all, nil
}

// Put notes the account for a host.
func (b Book) Put(host string, a Account) error {
	return b.change(func(all map[string]Account) bool {
		all[host] = a
		return true
	})
}

// Remove forgets a host and its token, and says whether it was known.
func (b Book) Remove(host string) (known bool, err error) {
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
func (b Book) Hosts() ([]string, error) {
	all, err := b.Accounts()
	return slices.Sorted(maps.Keys(all)), err
}

// change edits the book while nobody else does.
func (b Book) change(edit func(map[string]Account) (changed bool)) error {
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

// write replaces a file in one step; only its owner may read it.
func write(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(path, append(text, '\n'), 0o600)
}

// lock makes a folder, for its owner alone, and waits until nobody else is at work in it. A file
// system that knows no locks does without: what is written is whole in any case.
func lock(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	l := flock.New(dir, flock.SetFlag(os.O_RDONLY))
	if err := l.Lock(); err != nil {
		return func() { _ = l.Close() }, nil //nolint:nilerr // said above
	}
	return func() { _ = l.Unlock() }, nil
}
