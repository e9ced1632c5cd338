// Package secrets turns files and credentials into the data and type of a Secret:
// pure functions, but for reading the files. What a type demands is Kubernetes'
// documentation of Secrets; the rules for keys and sources are those of "oc secrets new".
package secrets

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// Data is what a Secret holds, by key.
type Data map[string][]byte

// The types of secrets that Kubernetes knows.
const (
	Opaque           = "Opaque"
	Dockercfg        = "kubernetes.io/dockercfg"
	DockerConfigJSON = "kubernetes.io/dockerconfigjson"
	BasicAuth        = "kubernetes.io/basic-auth"
	SSHAuth          = "kubernetes.io/ssh-auth"
	TLS              = "kubernetes.io/tls"
	AccountToken     = "kubernetes.io/service-account-token"
	Bootstrap        = "bootstrap.kubernetes.io/token"
)

// MaxSize is how many bytes a Secret can hold.
const MaxSize = 1 << 20

// needs are the keys that a type demands.
func needs() map[string][]string {
	return map[string][]string{
		Opaque: nil, AccountToken: nil, Bootstrap: nil, BasicAuth: nil,
		Dockercfg: {".dockercfg"}, DockerConfigJSON: {".dockerconfigjson"}, SSHAuth: {"ssh-privatekey"}, TLS: {"tls.crt", "tls.key"},
	}
}

// Types lists the types of secrets that are known.
func Types() []string { return slices.Sorted(maps.Keys(needs())) }

// Detect is the type that the keys of a secret stand for. As with "oc secrets new" registry.crt
// and registry.key are Opaque; a tls.crt with its tls.key is kubernetes.io/tls.
func Detect(d Data) string {
	has := func(key string) bool { _, there := d[key]; return there }
	switch {
	case len(d) == 1 && has(".dockercfg"):
		return Dockercfg
	case len(d) == 1 && has(".dockerconfigjson"):
		return DockerConfigJSON
	case has("tls.crt") && has("tls.key") && (len(d) == 2 || len(d) == 3 && has("ca.crt")):
		return TLS
	}
	return Opaque
}

// Check brings the content into the form that the type demands, and tells what is
// wrong with it: as warnings where the cluster will take it all the same.
func Check(kind string, d Data) (warnings []string, err error) {
	for _, key := range needs()[kind] {
		if _, there := d[key]; !there {
			return nil, hint.BadUsage(fmt.Errorf("a secret of type %s requires the key %s; given: %s", kind, key, strings.Join(d.keys(), ", ")), rename(kind, d))
		}
	}
	if size := d.size(); size > MaxSize {
		return nil, hint.Errorf("omit files, or distribute them over several secrets", "%d bytes exceed the limit of a secret, %d bytes", size, MaxSize)
	}
	switch kind {
	case Dockercfg, DockerConfigJSON:
		return dockerData(kind, d)
	case SSHAuth:
		return nil, checkSSH("ssh-privatekey", d["ssh-privatekey"])
	case TLS:
		return nil, pairError("tls.crt", "tls.key", d)
	}
	return append(pairWarnings(d), loose(kind, d)...), nil
}

// rename is the advice for a pair that has other names than a TLS secret wants.
func rename(kind string, d Data) string {
	certs, keys := d.ending(".crt", ".pem", ".cert"), d.ending(".key")
	switch {
	case kind == TLS && len(certs) == 1 && len(keys) == 1:
		return fmt.Sprintf("specify the key names: tls.crt=%s tls.key=%s", certs[0], keys[0])
	case len(needs()[kind]) == 1 && len(d) == 1:
		return fmt.Sprintf("specify the key name: %s=%s", needs()[kind][0], d.keys()[0])
	}
	return "write KEY=FILE, such as " + needs()[kind][0] + "=FILE"
}

// loose warns of content that seems to be meant for another type.
func loose(kind string, d Data) []string {
	if kind != Opaque || len(d) != 1 {
		return nil
	}
	for key, content := range d {
		if old, entries, err := parseDocker(content); err == nil && len(entries) > 0 && (key == "config.json" || key == "auth.json" || old) {
			return []string{fmt.Sprintf("%s contains registry credentials, but pulls require the key .dockerconfigjson: specify .dockerconfigjson=FILE", key)}
		}
	}
	return nil
}

func (d Data) keys() []string { return slices.Sorted(maps.Keys(d)) }

func (d Data) size() (n int) {
	for _, content := range d {
		n += len(content)
	}
	return n
}

func (d Data) ending(suffixes ...string) (keys []string) {
	for _, key := range d.keys() {
		if slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(key, s) }) {
			keys = append(keys, key)
		}
	}
	return keys
}

// CheckType refuses a type that is not known, unless it is confirmed.
func CheckType(kind string, confirmed bool) error {
	if _, known := needs()[kind]; known || confirmed {
		return nil
	}
	for _, t := range Types() {
		if _, short, _ := strings.Cut(t, "/"); strings.EqualFold(kind, short) || strings.EqualFold(kind, t) {
			return hint.BadUsage(fmt.Errorf("unknown secret type %q", kind), "--type="+t)
		}
	}
	return hint.BadUsage(fmt.Errorf("unknown secret type %q", kind), "one of "+strings.Join(Types(), ", ")+"; or add --confirm to use it anyway")
}

// CheckName refuses a name that no object can have.
func CheckName(name string) error {
	if name == "" {
		return hint.BadUsage(errors.New("requires the name of a secret"), "")
	}
	for part := range strings.SplitSeq(name, ".") {
		bad := strings.IndexFunc(part, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' })
		if len(name) > 253 || part == "" || bad >= 0 || part[0] == '-' || part[len(part)-1] == '-' {
			return hint.BadUsage(fmt.Errorf("%q: invalid object name", name), "use lower-case letters, digits, - and ., at most 253 characters")
		}
	}
	return nil
}
