package loopback_test

import (
	"testing"

	"github.com/regctl/regctl/pkg/loopback"
	"github.com/stretchr/testify/require"
)

func TestLoopbackIsThisMachineAlone(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "localhost:5000": true, "127.0.0.1:5000": true, "[::1]:5000": true, "[::1]": true,
		"registry.localhost:5000": false, "localhost.example.com": false, "10.0.0.1:5000": false, "": false, ":5000": false, "LOCALHOST": true, "0.0.0.0:5000": false, "::1": true,
	} {
		require.Equal(t, want, loopback.Is(host), host)
	}
}
