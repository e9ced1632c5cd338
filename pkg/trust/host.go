// Package trust knows which files make docker, podman (and all that reads the containers
// files), containerd and the system trust a registry's CA, or skip the verification of its
// certificate. It reads through the fs.FS that it is given and writes nothing: it returns Files
// for the caller to write.
package trust

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// Host is a registry's address as it stands at the start of an image reference.
type Host struct {
	Name string // DNS name, IPv4 address, or IPv6 address in brackets
	Port string // "" where none is written
}

// ParseHost reads HOST[:PORT]. What tools would look up under another name, and what is no
// host, is refused with the right spelling as advice.
func ParseHost(s string) (Host, error) {
	h, err := parseHost(s)
	if err == nil {
		return h, nil
	}
	advice := "give HOST or HOST:PORT, as at the start of an image reference"
	if fixed := tidy(s); fixed != s {
		if ok, err := parseHost(fixed); err == nil {
			advice = "write it as " + ok.String()
		}
	}
	return Host{}, hint.BadUsage(fmt.Errorf("host %q: %w", s, err), advice)
}

// IsHost tells whether ParseHost would take it.
func IsHost(s string) bool {
	_, err := parseHost(s)
	return err == nil
}

var dnsLabel = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$`)

func parseHost(s string) (Host, error) {
	switch {
	case strings.TrimSpace(s) == "":
		return Host{}, errors.New("it is empty")
	case strings.Contains(s, "://"):
		return Host{}, errors.New("a scheme does not belong there")
	case strings.ContainsAny(s, "/\\"):
		return Host{}, errors.New("a path does not belong there")
	case strings.Contains(s, "@"):
		return Host{}, errors.New("a user does not belong there")
	case strings.Contains(s, "*"):
		return Host{}, errors.New("tools look for the literal name, so a wildcard has no effect; name each host")
	}
	h, err := split(s)
	if err != nil {
		return Host{}, err
	}
	return h, h.check()
}

// split cuts off the port.
func split(s string) (Host, error) {
	if strings.HasPrefix(s, "[") {
		end := strings.Index(s, "]")
		if end < 0 {
			return Host{}, errors.New("the closing bracket is missing")
		}
		name, rest := s[:end+1], s[end+1:]
		if rest == "" {
			return Host{Name: name}, nil
		}
		if rest[0] != ':' {
			return Host{}, errors.New("only a port can follow the bracket")
		}
		return Host{name, rest[1:]}, checkPort(rest[1:])
	}
	name, port, hasPort := strings.Cut(s, ":")
	if !hasPort {
		return Host{Name: name}, nil
	}
	if strings.Contains(port, ":") {
		return Host{}, errors.New("an IPv6 address requires brackets")
	}
	return Host{name, port}, checkPort(port)
}

func checkPort(port string) error {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
		return fmt.Errorf("port %q is not a number from 1 to 65535", port)
	}
	return nil
}

func (h Host) check() error {
	if inner, ok := strings.CutPrefix(h.Name, "["); ok {
		ip := net.ParseIP(strings.TrimSuffix(inner, "]"))
		if ip == nil || !strings.Contains(inner, ":") {
			return errors.New("what stands in brackets is not an IPv6 address")
		}
		return nil
	}
	if len(h.Name) > 253 {
		return errors.New("it is longer than the 253 letters of a DNS name")
	}
	for label := range strings.SplitSeq(h.Name, ".") {
		if len(label) > 63 || !dnsLabel.MatchString(label) {
			return fmt.Errorf("%q is no part of a DNS name", label)
		}
	}
	return nil
}

// tidy guesses what was meant.
func tidy(s string) string {
	s = strings.TrimSpace(s)
	if _, after, ok := strings.Cut(s, "://"); ok {
		s = after
	}
	s, _, _ = strings.Cut(s, "/")
	if i := strings.LastIndex(s, "@"); i >= 0 {
		s = s[i+1:]
	}
	if net.ParseIP(s) != nil && strings.Contains(s, ":") {
		return "[" + s + "]"
	}
	name, port, hasPort := strings.Cut(s, ":")
	if strings.HasPrefix(s, "[") || hasPort && port != "" {
		return strings.Replace(s, ".:", ":", 1)
	}
	return strings.TrimSuffix(name, ".")
}

// String is HOST or HOST:PORT.
func (h Host) String() string {
	if h.Port == "" {
		return h.Name
	}
	return h.Name + ":" + h.Port
}

// Addr is what to dial; the default port is 443.
func (h Host) Addr() string {
	port := h.Port
	if port == "" {
		port = "443"
	}
	return net.JoinHostPort(h.ServerName(), port)
}

// ServerName is the name that the registry's certificate must hold.
func (h Host) ServerName() string { return strings.Trim(h.Name, "[]") }

// Spellings are all ways to write the host in an image reference. Tools look for the literal
// one, so "host" and "host:443" are two different hosts to them, and so are "Host" and "host".
func (h Host) Spellings() []string {
	var all []string
	for _, name := range slices.Compact([]string{h.Name, strings.ToLower(h.Name)}) {
		switch h.Port {
		case "", "443":
			all = append(all, name, name+":443")
		default:
			all = append(all, name+":"+h.Port)
		}
	}
	return all
}

// fileName is the host as a part of a file name that is the same on all systems.
func (h Host) fileName() string {
	name := strings.NewReplacer("[", "", "]", "", ":", "-").Replace(strings.ToLower(h.Name))
	if h.Port == "" || h.Port == "443" {
		return name
	}
	return name + "_" + h.Port
}
