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
		return nil, hint.BadUsage(fmt.Errorf("%q: must be small letters, digits and -", name), "")
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
	note := "for a service to pull with them, in its section DEFAULT or a container's:\n  registry_creds = " + name
	if a.newer() {
		note += "\nwarning: agents of version 3 read this keyword and do not use it yet; log in on the nodes as well: docker login"
	}
	return note
}
