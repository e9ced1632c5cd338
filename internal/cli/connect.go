package cli

import (
	"github.com/google/go-containerregistry/pkg/authn"
)

// keychain finds the credentials of a registry where docker and podman keep theirs.
func (e *Env) keychain() authn.Keychain { return authn.DefaultKeychain }
