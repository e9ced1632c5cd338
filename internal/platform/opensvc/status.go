package opensvc

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

// Status is what the agent says of a service.
type Status struct {
	Service   string     `json:"service"` // test/registry
	State     string     `json:"state"`   // up, down, warn, n/a, …
	Ready     bool       `json:"ready"`   // it is up
	Instances []Instance `json:"instances"`
}

// Instance is the service on a node.
type Instance struct {
	Node      string     `json:"node"`
	State     string     `json:"state"`
	Monitor   string     `json:"monitor,omitempty"` // idle, started, …
	Resources []Resource `json:"resources,omitempty"`
}

// Resource is a part of an instance.
type Resource struct {
	Name  string `json:"name"` // container#1
	State string `json:"state"`
	Flags string `json:"flags,omitempty"` // the agent's column: a letter or a dot for each property
	Label string `json:"label,omitempty"` // docker container test..registry.container.1@registry
}

// Status asks the agent. A service that does not exist is an error.
func (a Agent) Status(ctx context.Context, p Path) (Status, error) {
	out, err := a.run(ctx, nil, a.status(p))
	switch {
	case a.Program == "":
		return Status{}, hint.New(ErrNoAgent, "run it on a node of the cluster: ssh NODE "+a.status(p).String())
	case absent(err):
		return Status{}, hint.Errorf("regctl registry deploy --platform opensvc -s "+p.String(), "svc/%s: not found", p)
	case err != nil:
		return Status{}, err
	}
	s := parseStatus(string(out))
	if s.State == "" {
		return s, hint.Errorf(a.status(p).String(), "svc/%s: the agent printed an unexpected status", p)
	}
	s.Service, s.Ready = p.String(), s.State == "up"
	return s, nil
}

// line is NAME [FLAGS] STATE [LABEL] with the branches of a tree before it and at least two spaces, or
// the column of flags, between name and state.
var line = regexp.MustCompile(`^(\S+)\s+(?:([A-Z./0-9+]{6,12})\s+)?(up|down|warn|n/a|undef|stdby up|stdby down)(?:\s+(.*?))?\s*$`)

// parseStatus reads the tree that "print status" shows: the service, its instances, and the resources of an instance.
func parseStatus(text string) (s Status) {
	depth := -1 // of the instances
	for row := range strings.Lines(text) {
		stripped := strings.TrimLeft(row, " |`'-\u2500\u2502\u2514\u251c")
		at := len([]rune(row)) - len([]rune(stripped))
		m := line.FindStringSubmatch(strings.TrimRight(stripped, "\n"))
		switch {
		case strings.HasPrefix(strings.TrimSpace(stripped), "instances"):
			depth = at
		case m == nil:
		case s.State == "" && depth < 0:
			s.State = m[3]
		case strings.Contains(m[1], "#") && len(s.Instances) > 0:
			i := &s.Instances[len(s.Instances)-1]
			i.Resources = append(i.Resources, Resource{m[1], m[3], m[2], m[4]})
		case depth >= 0 && at > depth:
			s.Instances = append(s.Instances, Instance{Node: m[1], State: m[3], Monitor: m[4]})
		}
	}
	return s
}

// Status is what the agent says of the service of a registry.
func (p *Platform) Status(ctx context.Context, s platform.Spec) (platform.Status, error) {
	at, err := ParsePath(path.Join(s.Namespace, s.Name))
	if err != nil {
		return nil, err
	}
	return p.Agent.Status(ctx, at)
}

// IsReady tells whether the service is up.
func (s Status) IsReady() bool { return s.Ready }

// Issues are none: the states say what is wrong.
func (Status) Issues() []platform.Issue { return nil }

// Table is the status for people.
func (s Status) Table() [][]string {
	rows := [][]string{{"NAME", "STATE", "FLAGS", "ABOUT"}, {"svc/" + s.Service, s.State, "", ""}}
	for _, i := range s.Instances {
		rows = append(rows, []string{"  " + i.Node, i.State, "", i.Monitor})
		for _, r := range i.Resources {
			rows = append(rows, []string{fmt.Sprintf("    %s", r.Name), r.State, r.Flags, r.Label})
		}
	}
	return rows
}
