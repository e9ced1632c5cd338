package opensvc

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
)

// Missing is that there is no command of OpenSVC on this machine.
func (p *Platform) Missing() error {
	if p.Agent.Program == "" {
		return ErrNoAgent
	}
	return nil
}

// ByHand is what to do where OpenSVC's command is not on this machine: the service's
// configuration, and the commands that make what is secret and the service of it, in the configuration's directory on a node.
// file is the name by which the commands know the configuration.
func (p *Platform) ByHand(s platform.Spec, changes []plan.Change, file string) (configuration string, commands []string) {
	b := &builder{Platform: p, s: s, path: pathOf(s)}
	for _, c := range changes {
		switch c := c.(type) {
		case *sec:
			commands = append(commands, b.makeFiles()...)
			commands = append(commands, p.Agent.createSec(c.Path).String())
			for _, key := range slices.Concat(c.Keys, slices.Sorted(maps.Keys(c.Given))) {
				commands = append(commands, p.Agent.putKey(c.Path, key, key, false).String())
			}
		case *service:
			configuration = c.want.String()
			commands = append(commands, p.Agent.create(c.path, file, 0).String())
		}
	}
	return configuration, commands
}

// makeFiles are the commands that make the files of the sec object.
func (b *builder) makeFiles() []string {
	all := []string{"head -c 20 /dev/urandom | base64 >http_secret"}
	if !b.s.TLS.Off && b.s.TLS.Certificate == nil {
		all = append(all, "regctl ca create-signer-cert --cert=ca.crt --key=ca.key --serial=ca.serial.txt",
			fmt.Sprintf("regctl ca create-server-cert --signer-cert=ca.crt --signer-key=ca.key --signer-serial=ca.serial.txt --hostnames=%s --cert=tls.crt --key=tls.key", strings.Join(b.names(), ",")))
	}
	if b.s.Auth.Kind == platform.AuthHtpasswd {
		all = append(all, "regctl serve user add "+admin+" --htpasswd htpasswd")
	}
	for _, key := range b.storeKeys() {
		if key.File != "" {
			all = append(all, "cp KEY_FILE "+key.Key)
			continue
		}
		_, name, _ := strings.Cut(key.Key, "_") // less the kind of storage
		all = append(all, fmt.Sprintf("printf %%s %s >%s", strings.ToUpper(name), key.Key))
	}
	if store := b.s.Storage.ObjectStore(); store != nil && store.TrustedCA() != "" {
		all = append(all, "cp CA_FILE "+storeCA(store))
	}
	if b.s.TLS.Certificate != nil {
		all = append(all, "cp YOUR_CERTIFICATE tls.crt", "cp ITS_KEY tls.key")
	}
	return all
}
