package credentials

import (
	"errors"
	"fmt"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/tailscale/hujson"
)

// OwnHelper is the credential helper docker-credential-regctl, which makes tokens of service
// accounts and keeps no passwords. To store one for a host that it is named for is therefore
// to take that name out of the file; to erase one, too.
const OwnHelper = "regctl"

// Delegate makes the files name a credential helper for a host, in all of them or in none.
// What they held for the host goes. It returns the files.
func Delegate(files []File, host, name string) (where []string, err error) {
	if err := CanDelegate(files, host, name); err != nil {
		return nil, err
	}
	return apply(files, func(f File) (*change, error) {
		d, err := f.delegated(host, name)
		if err != nil {
			return nil, err
		}
		ch := &change{where: f.Path}
		ch.pending, err = f.stage(d)
		return ch, err
	})
}

// CanDelegate tells whether Delegate can work: the files are understood and can name a helper,
// and the helper is installed. Nothing is changed.
func CanDelegate(files []File, host, name string) error {
	for _, f := range files {
		h := helper{name: name, file: f.Path}
		if !h.installed() {
			return hint.Errorf("regctl credential-helper install", "%s is not on the PATH, where docker and podman look for credential helpers", h.program())
		}
		if _, err := f.delegated(host, name); err != nil {
			return err
		}
	}
	return nil
}

func (f File) delegated(host, name string) (*document, error) {
	if f.Format == Legacy {
		return nil, hint.BadUsage(fmt.Errorf("%s: %w", f.Path, errors.New("a .dockercfg cannot name a credential helper")), "--to docker")
	}
	d, err := f.read()
	if err != nil {
		return nil, err
	}
	hosts, err := f.hosts(d)
	if err != nil {
		return nil, err
	}
	f.forget(hosts, host)
	byHost, err := d.object("credHelpers")
	if err != nil {
		return nil, err
	}
	l := d.layout()
	if byHost == nil {
		byHost = &hujson.Object{}
		l.put(d.top(), 0, "credHelpers", byHost)
	}
	l.put(byHost, 1, keyFor(host, f.Format), hujson.String(name))
	return d, nil
}

// undelegate takes the own helper's name for a host out of a document, and says whether it was there.
func (f File) undelegate(d *document, host string) (bool, error) {
	byHost, err := d.object("credHelpers")
	if err != nil || byHost == nil {
		return false, err
	}
	gone := drop(byHost, func(key string) bool {
		return (key == canonical(host) || key == keyFor(host, f.Format)) && text(byHost, key) == OwnHelper
	})
	return len(gone) > 0, nil
}

// HostOf is the registry that a credential helper is asked about: a host, or a URL.
func HostOf(server string) string { return hostOf(server, Legacy) }
