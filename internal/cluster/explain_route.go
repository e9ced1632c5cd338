package cluster

import (
	"fmt"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// ExplainCustomHost explains that OpenShift lets not everyone choose the host or the certificate
// of a Route; nil where the refusal is about something else. The server checks the permission
// by itself, so its answer is "invalid", not "forbidden".
func (c *Client) ExplainCustomHost(what string, err error) error {
	text := err.Error()
	verb, field := "create", ""
	switch {
	case strings.Contains(text, "permission to set the host field of the route"):
		field = "host"
	case strings.Contains(text, "permission to set certificate fields on the route"):
		field = "certificate"
	case strings.HasPrefix(what, "route.route.openshift.io/") && strings.Contains(text, "spec.host: Invalid value") && strings.Contains(text, "immutable"):
		verb, field = "update", "host"
	default:
		return nil
	}
	err = fmt.Errorf("%s: setting its %s requires permission to %s routes/custom-host (route.openshift.io) in namespace %s: %w", what, field, verb, c.Namespace, err)
	if verb == "update" {
		_, name, _ := strings.Cut(what, "/")
		return hint.NotAllowed(err, fmt.Sprintf("delete it, then run the command again: oc delete route %s -n %s", name, c.Namespace))
	}
	advice := fmt.Sprintf("as an admin, run: regctl policy add-role-to-user edit USER -n %s (USER is the output of regctl whoami)", c.Namespace)
	if field == "host" {
		advice += "; or omit --hostname: the router generates one"
	}
	return hint.NotAllowed(err, advice)
}
