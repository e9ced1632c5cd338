package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/regctl/regctl/e2e/cluster/sandbox"
)

// nodeIP is the address under which the scripts reach a registry "on another
// machine": docker checks no certificate of 127.0.0.0/8.
const nodeIP = "10.77.0.1"

// enter makes the machine that the scripts see: a sandbox whose network leads nowhere.
func enter() error {
	if _, err := sandbox.Enter("/usr/local/share/ca-certificates"); err != nil {
		return err
	}
	if err := sandbox.Fresh("/var/lib/containers"); err != nil { // podman's images: a layer cannot lie on a layer
		return err
	}
	if err := os.WriteFile("/etc/hosts", []byte("127.0.0.1 localhost\n::1 localhost\n"+nodeIP+" node registry.test\n"), 0o644); err != nil {
		return err
	}
	return network()
}

// network brings up loopback and a bridge that nothing else is connected to.
func network() error {
	for _, line := range []string{
		"link set lo up", "link add node0 type bridge", "addr add " + nodeIP + "/24 dev node0", "link set node0 up",
	} {
		out, err := exec.CommandContext(context.Background(), "ip", strings.Fields(line)...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("ip %s: %w: %s", line, err, out)
		}
	}
	return nil
}
