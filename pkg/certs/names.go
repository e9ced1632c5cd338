package certs

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// Names are what a certificate is valid for.
type Names struct {
	All []string // as given, each once
	DNS []string
	IP  []net.IP
}

// ParseNames sorts host names and IP addresses. A name has letters, digits,
// hyphens, underscores and dots, and may start with "*."; at least one is needed.
func ParseNames(list []string) (Names, error) {
	var n Names
	if len(list) == 0 || len(list) == 1 && strings.TrimSpace(list[0]) == "" {
		return n, hint.BadUsage(errors.New("no host name given"), "--hostnames registry.example.com,10.0.0.5")
	}
	for _, name := range list {
		name = strings.TrimSpace(name)
		if err := n.add(name); err != nil {
			return Names{}, err
		}
	}
	return n, nil
}

func (n *Names) add(name string) error {
	if addr, err := netip.ParseAddr(name); err == nil && addr.Zone() == "" {
		name = addr.Unmap().String()
		if !slices.Contains(n.All, name) {
			n.All, n.IP = append(n.All, name), append(n.IP, net.IP(addr.Unmap().AsSlice()))
		}
		return nil
	}
	if why, advice := badHost(name); why != "" {
		return hint.BadUsage(fmt.Errorf("host name %q: %s", name, why), advice)
	}
	if name = strings.ToLower(name); !slices.Contains(n.All, name) {
		n.All, n.DNS = append(n.All, name), append(n.DNS, name)
	}
	return nil
}

// badHost says what is wrong with a host name and what to write instead.
func badHost(name string) (why, advice string) {
	label := regexp.MustCompile(`^[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?$`)
	labels := strings.Split(strings.TrimPrefix(name, "*."), ".")
	last := labels[len(labels)-1]
	switch {
	case name == "":
		return "is empty", "a comma too many, or a variable that is not set"
	case strings.Contains(name, "/"):
		return "a certificate names a host, not a URL", "write " + hostOf(name)
	case strings.HasPrefix(name, "["):
		return "an IPv6 address stands without brackets here", "write " + strings.Trim(name, "[]")
	case strings.Count(name, ":") == 1:
		host, _, _ := strings.Cut(name, ":")
		return "a certificate has no port: it is valid for all", "write " + host
	case last != "" && strings.Trim(last, "0123456789") == "":
		return "is no IP address, and no host name ends in a number", "write it as in registry.example.com or 10.0.0.5"
	case strings.HasSuffix(name, "."):
		return "a certificate has names without a dot at the end", "write " + strings.TrimRight(name, ".")
	case strings.IndexFunc(name, func(r rune) bool { return r > 127 }) >= 0:
		return "has letters other than a-z", "write it in punycode: xn--…"
	case len(name) > 253 || slices.ContainsFunc(labels, func(l string) bool { return !label.MatchString(l) }):
		return "is no host name and no IP address", "write it as in registry.example.com or 10.0.0.5"
	}
	return "", ""
}

// hostOf is the host of a URL, or of the reference of an image.
func hostOf(s string) string {
	if _, after, ok := strings.Cut(s, "://"); ok {
		s = after
	}
	s, _, _ = strings.Cut(s, "/")
	s, _, _ = strings.Cut(s, ":")
	return s
}

// common is the subject's common name: the first name that fits into one (64 characters).
func (n Names) common() string {
	for _, name := range n.All {
		if len(name) <= 64 {
			return name
		}
	}
	return ""
}
