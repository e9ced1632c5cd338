package credentials

import (
	"errors"

	"github.com/tailscale/hujson"
)

// edit is a document as it is to be, and the helper that keeps the secret in its place.
type edit struct {
	doc    *document
	key    string
	helper *helper // may be nil
}

func (f File) edited(host string, c Credential) (*edit, error) {
	d, err := f.read()
	if err != nil {
		return nil, err
	}
	if _, err := f.undelegate(d, host); err != nil {
		return nil, err
	}
	e := &edit{doc: d, key: keyFor(host, f.Format)}
	if e.helper, err = f.helperFor(d, canonical(host), e.key); err != nil {
		return nil, err
	}
	if e.helper != nil {
		if err := e.helper.check(); err != nil {
			return nil, err
		}
	}
	return e, f.put(d, e.key, c, e.helper != nil)
}

func (f File) storing(host string, c Credential) (*change, error) {
	e, err := f.edited(host, c)
	if err != nil {
		return nil, err
	}
	ch := &change{where: f.Path}
	if h := e.helper; h != nil {
		ch.where = h.String()
		ch.help = func() error { return h.store(e.key, c) }
	}
	ch.pending, err = f.stage(e.doc)
	return ch, err
}

// erasing returns nil where the file and its helper know nothing of the host.
func (f File) erasing(host string) (*change, error) {
	d, err := f.read()
	if err != nil {
		return nil, err
	}
	hosts, err := f.hosts(d)
	if err != nil {
		return nil, err
	}
	key, marked := keyFor(host, f.Format), f.forget(hosts, host)
	h, err := f.helperFor(d, canonical(host), key)
	if err != nil {
		return nil, err
	}
	ch := &change{where: f.Path}
	own, err := f.undelegate(d, host)
	switch {
	case err != nil:
		return nil, err
	case own && h.installed(): // asked for what it has, it would make a token
		ch.where, ch.help = h.String(), func() error { return h.erase(key) }
	case h != nil && !own:
		if known, err := f.known(h, key, marked); err != nil {
			return nil, err
		} else if known {
			ch.where = h.String()
			ch.help = func() error { return h.erase(key) }
		}
	}
	if !marked && !own && ch.help == nil {
		return nil, nil
	}
	ch.pending, err = f.stage(d)
	return ch, err
}

// known asks the helper. One that is not installed matters only where the file says that it has something.
func (f File) known(h *helper, key string, marked bool) (bool, error) {
	if !marked && !h.installed() {
		return false, nil
	}
	_, found, err := h.get(key)
	return found, err
}

// forget drops every spelling of the host, and says whether there was one.
func (f File) forget(hosts *hujson.Object, host string) bool {
	host = canonical(host)
	return len(drop(hosts, func(name string) bool { return name == host || hostOf(name, f.Format) == host })) > 0
}

// Hosts lists the keys that the files have entries or helpers for, once each, in the files' order.
func Hosts(files []File) ([]string, error) {
	var list []string
	seen := map[string]bool{}
	var errs []error
	for _, f := range files {
		d, err := f.read()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		hosts, err := f.hosts(d)
		helped, err2 := d.object("credHelpers")
		errs = append(errs, err, err2)
		for _, name := range append(names(hosts), names(helped)...) {
			if host := hostOf(name, f.Format); host != "" {
				name = host
			}
			if !seen[name] {
				seen[name] = true
				list = append(list, name)
			}
		}
	}
	return list, errors.Join(errs...)
}
