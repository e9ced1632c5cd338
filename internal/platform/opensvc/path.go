package opensvc

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// Path names a service: its namespace ("" is root) and its name.
type Path struct{ Namespace, Name string }

var part = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

// ParsePath reads NAME, NAMESPACE/NAME or NAMESPACE/svc/NAME, as om takes them.
func ParsePath(text string) (Path, error) {
	parts := strings.Split(text, "/")
	if len(parts) == 3 && parts[1] == "svc" {
		parts = []string{parts[0], parts[2]}
	}
	if len(parts) > 2 {
		return Path{}, hint.BadUsage(fmt.Errorf("%q is not a service path", text), "write it as NAMESPACE/NAME: -s test/registry")
	}
	for _, p := range parts {
		if len(p) > 63 || !part.MatchString(p) {
			return Path{}, hint.BadUsage(fmt.Errorf("%q is not a service path: %q must consist of lower-case letters, digits and -", text, p), "write it as NAMESPACE/NAME: -s test/registry")
		}
	}
	p := Path{Name: parts[len(parts)-1]}
	if len(parts) == 2 && parts[0] != "root" {
		p.Namespace = parts[0]
	}
	return p, nil
}

// String is how om's Python agent names the service: test/registry.
func (p Path) String() string {
	if p.Namespace == "" {
		return p.Name
	}
	return p.Namespace + "/" + p.Name
}

// of is the path of an object of a kind beside the service: test/sec/registry.
func (p Path) of(kind, name string) string {
	if p.Namespace == "" {
		return "root/" + kind + "/" + name
	}
	return p.Namespace + "/" + kind + "/" + name
}

// dns is the name by which the cluster's name server knows the service; cluster "" leaves it to the search list.
func (p Path) dns(cluster string) string {
	namespace := p.Namespace
	if namespace == "" {
		namespace = "root"
	}
	return strings.TrimSuffix(p.Name+"."+namespace+".svc."+cluster, ".")
}
