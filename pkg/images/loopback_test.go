package images

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLoopbackIsThisMachineAlone(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "localhost:5000": true, "127.0.0.1:5000": true, "[::1]:5000": true, "[::1]": true,
		"registry.localhost:5000": false, "localhost.example.com": false, "10.0.0.1:5000": false, "": false,
	} {
		require.Equal(t, want, loopback(host), host)
	}
}
