package opensvc

import (
	"fmt"

	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/pkg/hint"
)

// CredentialsKey is the key of a sec object in which the agents look for credentials.
const CredentialsKey = "config.json"

// Credentials is the sec object NAMESPACE/sec/NAME with the credentials of registries, a
// docker config.json, for the keyword registry_creds of services of its namespace.
func (a Agent) Credentials(namespace, name string, config []byte) (plan.Change, error) {
	p, err := ParsePath(Path{namespace, name}.String())
	if err != nil {
		return nil, hint.BadUsage(fmt.Errorf("%q: must consist of lower-case letters, digits and -", name), "")
	}
	return &sec{Agent: a, Path: p.of("sec", p.Name), Given: map[string][]byte{CredentialsKey: config}}, nil
}

// CredentialsByHand is how to make it on a node, of a file.
func (a Agent) CredentialsByHand(namespace, name, file string) string {
	path := Path{namespace, name}.of("sec", name)
	return fmt.Sprintf("%s && %s", a.createSec(path), a.putKey(path, CredentialsKey, file, false))
}

// CredentialsNote says how a service comes to use them, and with which agent it does not.
func (a Agent) CredentialsNote(name string) string {
	note := "to use them in a service, add to its DEFAULT section or to a container's:\n  registry_creds = " + name
	if a.newer() {
		note += "\nwarning: version 3 agents ignore this keyword; log in on the nodes too: docker login"
	}
	return note
}
