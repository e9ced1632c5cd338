package credentials

import (
	"maps"
	"path"
	"slices"
	"strings"

	docker "github.com/docker/cli/cli/config/credentials"
)

// hubKey is the key under which docker keeps the credentials of docker.io.
const hubKey = "https://index.docker.io/v1/"

// HostOf returns the registry that a credential helper is asked about: a host, or a URL.
func HostOf(server string) string { return hostOf(server, Legacy) }

// canonical returns one name for docker.io's several names and for a host in capitals.
func canonical(host string) string {
	host = strings.ToLower(host)
	switch host {
	case "index.docker.io", "registry-1.docker.io":
		return "docker.io"
	}
	return host
}

// keyFor is how a registry is named in a file of this format.
func keyFor(host string, format Format) string {
	if format != Containers && canonical(host) == "docker.io" {
		return hubKey
	}
	return canonical(host)
}

// keysFor lists the keys under which a login is stored: docker and podman compare keys to the
// letter, so a host in capitals gets a second key, as it was typed.
func keysFor(host string, format Format) []string {
	keys := []string{keyFor(host, format)}
	if host != strings.ToLower(host) && canonical(host) == strings.ToLower(host) {
		keys = append(keys, host)
	}
	return keys
}

// means tells whether a key stands for a host (or host/namespace), in whatever spelling.
func means(key, host string, format Format) bool {
	host = canonical(host)
	return host != "" && (canonical(key) == host || hostOf(key, format) == host)
}

// spellings lists the keys of a host: the usual one first, then those of the file.
func (c *contents) spellings(host string) []string {
	usual := keyFor(host, c.Format)
	keys := []string{usual}
	for _, key := range slices.Sorted(maps.Keys(c.auths)) {
		if key != usual && means(key, host, c.Format) {
			keys = append(keys, key)
		}
	}
	return keys
}

// keysOf lists the keys under which credentials for ref may be found, the most
// specific first: host/a/b, host/a, host, then the host's other spellings.
func (c *contents) keysOf(ref string) (keys []string) {
	host, rest, _ := strings.Cut(strings.TrimSuffix(ref, "/"), "/")
	if host == "" {
		return nil
	}
	for full := path.Join(canonical(host), rest); full != canonical(host) && full != "."; full = path.Dir(full) {
		keys = append(keys, full)
	}
	return append(append(keys, canonical(host)), c.spellings(host)...)
}

// hostOf returns the registry that an old-style key stands for: a URL, or in .dockercfg
// anything with a path. A key such as "quay.io/team" stands for no whole registry.
func hostOf(key string, format Format) string {
	_, tail, _ := strings.Cut(key, "/")
	switch strings.Trim(tail, "/") {
	case "", "v1", "v2":
	default:
		if format != Legacy && !strings.Contains(key, "://") {
			return ""
		}
	}
	return canonical(docker.ConvertToHostname(key))
}
