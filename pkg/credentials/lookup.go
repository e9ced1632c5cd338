package credentials

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/docker/cli/cli/config"
)

// Lookup finds the credentials for ref, host[:port][/repository]. The first file
// of Sources that has any wins; within a file the most specific key does.
// source names the file or helper that they are from.
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
	file, err := f.load()
	if err != nil {
		return c, "", false, err
	}
	host, _, _ := strings.Cut(ref, "/")
	if h := file.helper(host); h != nil {
		for _, key := range file.spellings(host) {
			if c, found, err = h.get(key); found || err != nil {
				return c, h.String(), found, err
			}
		}
	}
	for _, key := range file.keysOf(ref) {
		if c, found, err = file.credential(key); found || err != nil {
			return c, f.Path, found, err
		}
	}
	return Credential{}, "", false, nil
}

// credential reads one entry by docker's library, so that an invalid one affects its
// own host only. An empty one, as docker leaves beside a helper, counts as none.
func (c *contents) credential(key string) (Credential, bool, error) {
	entry, ok := c.auths[key]
	if !ok {
		return Credential{}, false, nil
	}
	alone, err := json.Marshal(map[string]any{"auths": map[string]any{key: entry}})
	if err != nil {
		return Credential{}, false, err
	}
	parsed, err := config.LoadFromReader(strings.NewReader(string(alone)))
	if err != nil {
		reason := errors.New("auth is not the base64 of USER:PASSWORD")
		if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			reason = errors.New("not an object of strings")
		}
		return Credential{}, false, errorf(InvalidEntry, HostOf(key), "%s: the entry of %s: %w", c.Path, key, reason)
	}
	a := parsed.AuthConfigs[key]
	return Credential{a.Username, a.Password, a.IdentityToken}, a.Password != "" || a.IdentityToken != "", nil
}

// Hosts lists the keys that the files have entries or helpers for, sorted.
func Hosts(files []File) ([]string, error) {
	all := map[string]bool{}
	var errs []error
	for _, f := range files {
		c, err := f.load()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, key := range slices.AppendSeq(slices.Collect(maps.Keys(c.auths)), maps.Keys(c.helpers)) {
			if host := hostOf(key, f.Format); host != "" {
				key = host
			}
			all[key] = true
		}
	}
	return slices.Sorted(maps.Keys(all)), errors.Join(errs...)
}
