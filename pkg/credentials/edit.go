package credentials

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/docker/cli/cli/config/types"
)

// edit is one operation of a JSON patch (RFC 6902). Patching the text keeps what
// docker's library would drop or reorder: see docs/credentials.md.
type edit struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

func set(value any, names ...string) edit { return edit{"add", pointer(names), value} }

func remove(names ...string) edit { return edit{Op: "remove", Path: pointer(names)} }

func pointer(names []string) (path string) {
	for _, name := range names {
		path += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
	}
	return path
}

// patch edits the text, and reads it again.
func (c *contents) patch(edits ...edit) error {
	if len(edits) == 0 {
		return nil
	}
	patch, err := json.Marshal(edits)
	if err != nil {
		return err
	}
	if err := c.text.Patch(patch); err != nil {
		return err
	}
	c.text.Standardize() // drops the comma behind a member that is last now
	edited, err := c.parse(c.text.Pack())
	if err != nil {
		return err
	}
	*c = *edited
	return nil
}

// layout is the text as docker and podman lay it out: indented by tabs.
func (c *contents) layout() []byte {
	var out bytes.Buffer
	_ = json.Indent(&out, c.text.Pack(), "", "\t") // parse has found it valid
	return out.Bytes()
}

// put sets the entry of a key.
func (c *contents) put(key string, entry types.AuthConfig) error {
	if c.Format == Legacy {
		return c.patch(set(entry, key))
	}
	if c.auths == nil {
		return c.patch(set(map[string]any{key: entry}, "auths"))
	}
	return c.patch(set(entry, "auths", key))
}

// delegate names a helper for a host.
func (c *contents) delegate(host, name string) error {
	key := keyFor(host, c.Format)
	if c.helpers == nil {
		return c.patch(set(map[string]string{key: name}, "credHelpers"))
	}
	return c.patch(set(name, "credHelpers", key))
}

// forget removes the entries of a host, however it is spelled, and tells whether there was one.
func (c *contents) forget(host string) (bool, error) {
	var edits []edit
	for _, key := range slices.Sorted(maps.Keys(c.auths)) {
		switch {
		case !means(key, host, c.Format):
		case c.Format == Legacy:
			edits = append(edits, remove(key))
		default:
			edits = append(edits, remove("auths", key))
		}
	}
	return len(edits) > 0, c.patch(edits...)
}

// undelegate removes regctl's own helper of a host, and tells whether it was set.
func (c *contents) undelegate(host string) (bool, error) {
	var edits []edit
	for key, name := range c.helpers {
		if name == OwnHelper && means(key, host, c.Format) {
			edits = append(edits, remove("credHelpers", key))
		}
	}
	return len(edits) > 0, c.patch(edits...)
}

// helper returns the helper that the file names for a host, or nil.
func (c *contents) helper(host string) *helper {
	name := c.helpers[keyFor(host, c.Format)]
	for _, key := range slices.Sorted(maps.Keys(c.helpers)) {
		if name == "" && means(key, host, c.Format) {
			name = c.helpers[key]
		}
	}
	if name == "" {
		name = c.store
	}
	if name == "" {
		return nil
	}
	return &helper{name: name, file: c.Path}
}
