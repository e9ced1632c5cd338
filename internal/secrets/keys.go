package secrets

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
	"golang.org/x/crypto/ssh"
)

// pairError tells why a certificate and a key are not a pair.
func pairError(cert, key string, d Data) error {
	if bytes.Contains(d[key], []byte("ENCRYPTED")) {
		return hint.Errorf("openssl pkey -in FILE -out "+key, "%s: must not have a passphrase, which pods cannot enter", key)
	}
	_, err := tls.X509KeyPair(d[cert], d[key])
	if err == nil {
		return nil
	}
	if strings.Contains(err.Error(), "does not match") {
		return hint.Errorf("regctl ca create-server-cert --cert=CERT --key=KEY --hostnames=HOST", "%s: does not match the key %s", cert, key)
	}
	return fmt.Errorf("%s, %s: %s", cert, key, strings.TrimPrefix(err.Error(), "tls: "))
}

// pairWarnings checks each NAME.crt that has a NAME.key beside it.
func pairWarnings(d Data) (warnings []string) {
	for _, cert := range d.ending(".crt", ".pem", ".cert") {
		key := cert[:strings.LastIndexByte(cert, '.')] + ".key"
		if _, there := d[key]; !there {
			continue
		}
		if err := pairError(cert, key, d); err != nil {
			warnings = append(warnings, err.Error())
		}
	}
	return warnings
}

// checkSSH refuses what is no private key that can be used without a passphrase.
func checkSSH(name string, content []byte) error {
	_, err := ssh.ParseRawPrivateKey(content)
	if _, locked := errors.AsType[*ssh.PassphraseMissingError](err); locked {
		return hint.Errorf("ssh-keygen -p -N '' -f FILE", "%s: must not have a passphrase, which pods cannot enter", name)
	}
	if _, _, _, _, public := ssh.ParseAuthorizedKey(content); err != nil && public == nil {
		return hint.Errorf("specify the file without .pub", "%s: is a public key, not a private key", name)
	}
	if err != nil {
		return hint.Errorf("to create one: ssh-keygen -f FILE", "%s: not a private key: %s", name, strings.TrimPrefix(err.Error(), "ssh: "))
	}
	return nil
}
