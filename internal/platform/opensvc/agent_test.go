package opensvc

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAbsent: an agent that is down, or of the other generation, must not look as if there were nothing.
func TestAbsent(t *testing.T) {
	for said, want := range map[string]bool{
		"om test/registry: object not found":                                                  true,
		"om test/registry: key 'htpasswd' does not exist. use the 'add' action":               true,
		"om test/registry: no match":                                                          true,
		"om test/registry: dial unix /var/lib/opensvc/lsnr/x.sock: no such file or directory": false,
		"om test/sec/registry: no such action: key":                                           false,
		"om test/registry: permission denied":                                                 false,
	} {
		require.Equal(t, want, absent(errors.New(said)), said)
	}
	require.False(t, absent(nil))
	require.True(t, absent(ErrNoAgent))
}

func TestCommandIsTyped(t *testing.T) {
	require.Equal(t, "om test/registry set --kw 'DEFAULT.nodes=n1; rm x'", command{"om", "test/registry", "set", "--kw", "DEFAULT.nodes=n1; rm x"}.String())
}
