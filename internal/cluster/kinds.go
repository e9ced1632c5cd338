package cluster

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery/cached/disk"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// Trusted is for how long a missing kind is assumed to be still missing.
const Trusted = 10 * time.Minute

// kinds is what a server can do, as it was written down on disk. client-go's own asks the server
// anew, for every command, as soon as a single kind is missing, as Route is wherever there is no OpenShift.
type kinds struct {
	*disk.CachedDiscoveryClient
	File string // is written when the server is asked

	mu         sync.Mutex
	identified bool // what is remembered is of this very cluster
}

// unsafeInPath are the characters that kubectl replaces in the name of a server's directory.
var unsafeInPath = regexp.MustCompile(`[^(\w/.)]`)

// openKinds remembers for some hours, below cacheDir.
func openKinds(conf *rest.Config, cacheDir string) (*kinds, error) {
	host := strings.TrimPrefix(strings.TrimPrefix(conf.Host, "https://"), "http://")
	dir := filepath.Join(cacheDir, "discovery", unsafeInPath.ReplaceAllString(host, "_"))
	disco, err := disk.NewCachedDiscoveryClientForConfig(conf, dir, filepath.Join(cacheDir, "http"), 6*time.Hour)
	return &kinds{CachedDiscoveryClient: disco, File: filepath.Join(dir, "servergroups.json")}, err
}

// FreshWithContext tells the mapper whether it uses the cache.
func (k *kinds) FreshWithContext(context.Context) bool {
	if k.CachedDiscoveryClient.Fresh() {
		return true
	}
	info, err := os.Stat(k.File)
	return err == nil && time.Since(info.ModTime()) < Trusted
}

// asked tells whether the server was asked by this process.
func (k *kinds) asked() bool { return k.CachedDiscoveryClient.Fresh() }

// Has tells whether the server knows a kind, or did so ten minutes ago at the most: a kind
// that is needed, and not only looked for, is found as soon as it is installed.
func (c *Client) Has(gvk GVK) (bool, error) {
	if c.Offline() {
		return false, nil
	}
	if err := c.forgetOthers(); err != nil {
		return false, c.Explain("discovery", err)
	}
	_, err := Reading(func() (*meta.RESTMapping, error) {
		return c.mapper.RESTMapping(gvk.GroupKind(), versions(gvk)...)
	})
	if meta.IsNoMatchError(err) {
		return false, c.checkAge()
	}
	if err != nil {
		return false, c.Explain("discovery", err)
	}
	return true, nil
}

// versions are none for a kind in whichever version the server prefers.
func versions(gvk GVK) []string {
	if gvk.Version == "" {
		return nil
	}
	return []string{gvk.Version}
}

// mapping finds where the objects of a kind are, in the version that is named or, where
// another has the same fields, in one that the server knows.
func (c *Client) mapping(gvk GVK) (*meta.RESTMapping, error) {
	m, err := known(c, func() (*meta.RESTMapping, error) {
		m, err := c.mapper.RESTMapping(gvk.GroupKind(), versions(gvk)...)
		if meta.IsNoMatchError(err) && sameFields(gvk) {
			return c.mapper.RESTMapping(gvk.GroupKind())
		}
		return m, err
	})
	if meta.IsNoMatchError(err) {
		if old := c.checkAge(); old != nil {
			return nil, old
		}
		return nil, err
	}
	if err != nil {
		return nil, c.Explain("discovery", err)
	}
	return m, nil
}

// known asks a second time, of the server itself, where what is written down knows no answer.
func known[T any](c *Client, ask func() (T, error)) (T, error) {
	if err := c.forgetOthers(); err != nil {
		var none T
		return none, err
	}
	found, err := Reading(ask)
	if meta.IsNoMatchError(err) && !c.Discovery.asked() {
		c.mapper.Reset()
		return Reading(ask)
	}
	return found, err
}

// sameFields are kinds that older servers have in another version, with the fields that regctl uses.
func sameFields(gvk GVK) bool {
	return slices.Contains([]GVK{
		{Group: "policy", Version: "v1", Kind: "PodDisruptionBudget"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "Role"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "RoleBinding"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "ClusterRole"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "ClusterRoleBinding"},
	}, gvk)
}

// Served finds the version in which the server prefers a kind; false where it does not know the
// kind, or did not ten minutes ago: see Has.
func (c *Client) Served(group, kind string) (GVK, bool, error) {
	gvk := GVK{Group: group, Kind: kind}
	found, err := c.Has(gvk)
	if err != nil || !found {
		return gvk, false, err
	}
	m, err := c.mapping(gvk)
	if err != nil {
		return gvk, false, err
	}
	return m.GroupVersionKind, true, nil
}

// Installed is Served of a kind without which nothing can be done: that it is missing is
// asked of the server itself.
func (c *Client) Installed(group, kind string) (GVK, bool, error) {
	gvk := GVK{Group: group, Kind: kind}
	if c.Offline() {
		return gvk, false, nil
	}
	m, err := c.mapping(gvk)
	switch {
	case meta.IsNoMatchError(err):
		return gvk, false, nil
	case err != nil:
		return gvk, false, err
	}
	return m.GroupVersionKind, true, nil
}

// AsServed is an object in a version that the server knows; it is the same one where it is in such.
func (c *Client) AsServed(o *Object) (*Object, error) {
	if c.Offline() || !sameFields(o.GroupVersionKind()) {
		return o, nil
	}
	m, err := c.mapping(o.GroupVersionKind())
	if err != nil || m.GroupVersionKind == o.GroupVersionKind() {
		return o, err
	}
	o = o.DeepCopy()
	o.SetGroupVersionKind(m.GroupVersionKind)
	return o, nil
}

// kindOf finds the kind that a word means, as kubectl does.
func (c *Client) kindOf(word string) (GVK, error) {
	versioned, resource := schema.ParseResourceArg(strings.ToLower(word)) // deployments.v1.apps, deployments.apps
	return known(c, func() (GVK, error) {
		short := restmapper.NewShortcutExpander(c.mapper, c.Discovery, nil)
		if versioned != nil {
			if gvk, err := short.KindFor(*versioned); err == nil {
				return gvk, nil
			}
		}
		return short.KindFor(resource.WithVersion(""))
	})
}
