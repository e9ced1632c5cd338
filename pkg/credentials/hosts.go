package credentials

import (
	"path"
	"strings"
)

// hubKey is the key under which docker keeps the credentials of docker.io.
const hubKey = "https://index.docker.io/v1/"

// canonical gives docker.io's several names as one.
func canonical(host string) string {
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

// keysOf lists the keys under which credentials for ref may be found, the most
// specific first: host/a/b, host/a, host.
func keysOf(ref string) []string {
	host, rest, _ := strings.Cut(strings.TrimSuffix(ref, "/"), "/")
	full := path.Join(canonical(host), rest)
	var keys []string
	for full != "." && full != "/" && full != "" {
		keys = append(keys, full)
		full = strings.TrimSuffix(path.Dir(full), ".")
	}
	return keys
}

// hostOf gives the registry that an old-style key means: a URL, or in .dockercfg
// anything with a path. A key such as "quay.io/team" means no whole registry.
func hostOf(key string, format Format) string {
	rest, hadScheme := strings.CutPrefix(key, "https://")
	if !hadScheme {
		rest, hadScheme = strings.CutPrefix(key, "http://")
	}
	host, tail, hasPath := strings.Cut(rest, "/")
	version := strings.Trim(tail, "/")
	if hasPath && !hadScheme && format != Legacy && version != "" && version != "v1" && version != "v2" {
		return ""
	}
	return canonical(host)
}
