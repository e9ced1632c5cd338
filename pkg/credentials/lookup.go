package credentials

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/tailscale/hujson"
)

// Lookup finds the credentials for ref, host[:port][/repository]. The first file
// of Sources that has any wins; within a file the most specific key does.
// source says where they are from, for people.
func Lookup(env Env, ref string) (c Credential, source string, found bool, err error) {
	for _, f := range Sources(env) {
		c, source, found, err = f.Lookup(ref)
		if found || err != nil {
			return c, source, found, err
		}
	}
	return Credential{}, "", false, nil
}

// Lookup finds the credentials for ref in this file or its helper.
func (f File) Lookup(ref string) (c Credential, source string, found bool, err error) {
	d, err := f.read()
	if err != nil {
		return c, "", false, err
	}
	host, _, _ := strings.Cut(ref, "/")
	key := keyFor(host, f.Format)
	h, err := f.helperFor(d, canonical(host), key)
	if err != nil {
		return c, "", false, err
	}
	if h != nil {
		if c, found, err = h.get(key); found || err != nil {
			return c, h.String(), found, err
		}
	}
	hosts, err := f.hosts(d)
	if err != nil {
		return c, "", false, err
	}
	for _, match := range f.matches(hosts, ref) {
		if c, found, err = f.decode(match); found || err != nil {
			return c, f.Path, found, err
		}
	}
	return Credential{}, "", false, nil
}

// matches lists the entries that speak of ref, the most specific first, those
// with an old-style key last.
func (f File) matches(hosts *hujson.Object, ref string) (list []hujson.ObjectMember) {
	if hosts == nil {
		return nil
	}
	keys := keysOf(ref)
	for _, key := range keys {
		for _, m := range hosts.Members {
			if nameOf(m) == key {
				list = append(list, m)
			}
		}
	}
	for _, m := range hosts.Members {
		if name := nameOf(m); len(keys) > 0 && name != keys[len(keys)-1] && hostOf(name, f.Format) == keys[len(keys)-1] {
			list = append(list, m)
		}
	}
	return list
}

// decode reads an entry; an empty one, as docker leaves beside a helper, is none.
func (f File) decode(m hujson.ObjectMember) (c Credential, found bool, err error) {
	var e struct{ Auth, Username, Password, IdentityToken string }
	bad := func(err error) (Credential, bool, error) {
		return c, false, hint.Errorf("log in again: regctl login "+hostOf(nameOf(m), Legacy)+" -u USER", "%s: the entry of %s: %w", f.Path, nameOf(m), err)
	}
	if err := json.Unmarshal(m.Value.Clone().Pack(), &e); err != nil {
		return bad(errors.New("not an object of strings"))
	}
	c = Credential{Username: e.Username, Password: e.Password, IdentityToken: e.IdentityToken}
	if e.Auth != "" {
		plain, err := base64.StdEncoding.DecodeString(e.Auth)
		user, password, ok := strings.Cut(string(plain), ":")
		if err != nil || !ok {
			return bad(errors.New("auth is not the base64 of USER:PASSWORD"))
		}
		c.Username, c.Password = user, strings.Trim(password, "\x00")
	}
	return c, c.Password != "" || c.IdentityToken != "", nil
}
