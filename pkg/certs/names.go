package certs

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/regctl/regctl/pkg/hint"
	"golang.org/x/net/idna"
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
	if why, advice = notAHost(name); why != "" {
		return why, advice
	}
	label := regexp.MustCompile(`^[a-zA-Z0-9_]([a-zA-Z0-9_-]*[a-zA-Z0-9_])?$`)
	labels := strings.Split(strings.TrimPrefix(name, "*."), ".")
	last := labels[len(labels)-1]
	switch {
	case strings.Contains(strings.TrimPrefix(name, "*."), "*"):
		return "a wildcard must be the entire first label of the name", "write it as in *.example.com"
	case strings.Trim(last, "0123456789") == "" && last != "":
		return "not an IP address, and host names do not end in a number", like
	case strings.HasSuffix(name, "."):
		return "must not end in a dot", "write " + strings.TrimRight(name, ".")
	case strings.IndexFunc(name, func(r rune) bool { return r > unicode.MaxASCII }) >= 0:
		return "contains letters other than a-z", punycode(name)
	case len(name) > 253:
		return fmt.Sprintf("has %d characters, the limit is 253", len(name)), like
	case slices.ContainsFunc(labels, func(l string) bool { return len(l) > 63 }):
		return "has a label of more than 63 characters", like
	case slices.ContainsFunc(labels, func(l string) bool { return !label.MatchString(l) }):
		return "not a host name or IP address", like
	}
	return "", ""
}

const like = "write it as in registry.example.com or 10.0.0.5"

// notAHost recognizes what else people have at hand where a host name is asked for.
func notAHost(name string) (why, advice string) {
	addr, noAddr := netip.ParseAddr(name)
	_, noNet := netip.ParsePrefix(name)
	list := strings.FieldsFunc(name, func(r rune) bool { return r == ';' || unicode.IsSpace(r) })
	switch {
	case name == "":
		return "must not be empty", "remove the extra comma, or set the variable that is empty"
	case len(list) > 1:
		return "several names must be separated by commas", "--hostnames " + strings.Join(list, ",")
	case noAddr == nil:
		return "a certificate cannot contain a zone", "write " + addr.WithZone("").String()
	case noNet == nil:
		return "a certificate cannot contain a network", "specify each address, or a host name"
	case strings.Contains(name, "/"):
		return "must be a host, not a URL", "write " + hostPart(name)
	case strings.HasPrefix(name, "["):
		return "an IPv6 address must have no brackets and no port", "write " + hostPart(name)
	case strings.Count(name, ":") == 1:
		return "must not have a port: a certificate is valid for all ports", "write " + hostPart(name)
	}
	return "", ""
}

// hostPart returns the host of a URL, of host:port, or of the reference of an image.
func hostPart(s string) string {
	if _, after, ok := strings.Cut(s, "://"); ok {
		s = after
	}
	s, _, _ = strings.Cut(s, "/")
	if inner, ok := strings.CutPrefix(s, "["); ok {
		s, _, _ = strings.Cut(inner, "]")
		return s
	}
	s, _, _ = strings.Cut(s, ":")
	return s
}

// punycode is how DNS, and so a certificate, spells a name with other letters.
func punycode(name string) string {
	star, rest := "", name
	if after, ok := strings.CutPrefix(name, "*."); ok {
		star, rest = "*.", after
	}
	ascii, err := idna.Lookup.ToASCII(rest)
	if err != nil {
		return like
	}
	return "write " + star + ascii
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
