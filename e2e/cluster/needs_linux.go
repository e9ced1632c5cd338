package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// cniPlugins is where Debian has them.
const cniPlugins = "/usr/lib/cni"

// packages are the Debian packages of what a node calls.
func packages() map[string]string {
	return map[string]string{
		"containerd": "containerd", "ctr": "containerd", "runc": "runc", filepath.Join(cniPlugins, "bridge"): "containernetworking-plugins",
		"iptables": "iptables", "nft": "nftables", "conntrack": "conntrack", "ebtables": "ebtables", "socat": "socat", "ipset": "ipset", "ip": "iproute2",
	}
}

// missing are the packages whose programs are not there.
func missing() (names []string) {
	for program, name := range packages() {
		if _, err := exec.LookPath(program); err != nil && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Install gets the Debian packages that a node needs, and more whose programs have
// their names, where they are missing. To be called as root, before the network is left.
func Install(ctx context.Context, say func(string), more ...string) error {
	names := missing()
	for _, name := range more {
		if _, err := exec.LookPath(name); err != nil {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	say("installing by apt-get: " + strings.Join(names, " "))
	if os.Getuid() != 0 {
		return errors.New("only root can install packages: run this as root (sudo), or install first: apt-get install " + strings.Join(names, " "))
	}
	for _, args := range [][]string{{"update", "-q"}, append([]string{"install", "-y", "-q", "--no-install-recommends"}, names...)} {
		cmd := exec.CommandContext(ctx, "apt-get", args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1") // RUNLEVEL=1: start no daemon
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("needed are Debian's packages %s: apt-get %s: %w\n%s", strings.Join(names, " "), args[0], err, out)
		}
	}
	return nil
}

// fit tells what keeps a node from being started here.
func fit() error {
	if os.Getuid() != 0 {
		return errors.New("a node needs root: pods, their networks and mounts are made here (sudo)")
	}
	if names := missing(); len(names) > 0 {
		return errors.New("a node needs Debian's packages: apt-get install " + strings.Join(names, " "))
	}
	routes, err := os.ReadFile("/proc/net/route")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(routes)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[1] == "00000000" {
			return fmt.Errorf("a node needs a network namespace of its own (package sandbox), so that its packet filter does not touch this machine's: this one has a way out by %s", fields[0])
		}
	}
	return nil
}
