package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"

	"github.com/moby/sys/mountinfo"
)

// network makes the node's interface, unless the namespace has it already, and lets
// the kernel route for pods. A Service's address needs a route before it can be
// rewritten, though nothing ever leaves.
func (n *Node) network(ctx context.Context) error {
	steps := [][2]string{{"route add " + serviceNet + " dev node0", "route del " + serviceNet}}
	if ip(ctx, "link show node0") != nil {
		steps = append([][2]string{
			{"link set lo up", ""}, {"link add node0 type bridge", "link del node0"},
			{"addr add " + NodeIP + "/24 dev node0", ""}, {"link set node0 up", ""},
		}, steps...)
	}
	for _, step := range steps {
		if err := ip(ctx, step[0]); err != nil {
			return err
		}
		if step[1] != "" {
			n.undo = append(n.undo, func() error { return ip(context.WithoutCancel(ctx), step[1]) })
		}
	}
	n.undo = append(n.undo, func() error { return forgetPods(context.WithoutCancel(ctx)) })
	return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644)
}

func ip(ctx context.Context, line string) error { return tool(ctx, "ip "+line) }

func tool(ctx context.Context, line string) error {
	args := strings.Fields(line)
	out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", line, err, out)
	}
	return nil
}

// forgetPods removes what the CNI plugins and kube-proxy made, if they got that far.
func forgetPods(ctx context.Context) error {
	var errs []error
	if ip(ctx, "link show pods0") == nil {
		errs = append(errs, ip(ctx, "link del pods0"))
	}
	for _, table := range []string{"ip kube-proxy", "ip6 kube-proxy"} {
		if tool(ctx, "nft list table "+table) == nil {
			errs = append(errs, tool(ctx, "nft delete table "+table))
		}
	}
	return errors.Join(errs...)
}

// kernel hides the settings of the whole machine that kubelet would change, behind
// files that say they are as it wants them.
func (n *Node) kernel(context.Context) error {
	wanted := map[string]string{
		"vm/overcommit_memory": "1", "vm/panic_on_oom": "0", "kernel/panic": "10", "kernel/panic_on_oops": "1",
		"kernel/keys/root_maxkeys": "1000000", "kernel/keys/root_maxbytes": "25000000",
	}
	for name, value := range wanted {
		file, setting := n.path("conf", strings.ReplaceAll(name, "/", ".")), "/proc/sys/"+name
		if err := os.WriteFile(file, []byte(value+"\n"), 0o644); err != nil {
			return err
		}
		if err := syscall.Mount(file, setting, "", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("mount over %s: %w", setting, err)
		}
		n.undo = append(n.undo, func() error { return syscall.Unmount(setting, syscall.MNT_DETACH) })
	}
	return nil
}

// unmountBelow takes down volumes, root file systems and network namespaces of pods.
func unmountBelow(dir string) error {
	mounts, err := mountinfo.GetMounts(mountinfo.PrefixFilter(dir))
	if err != nil {
		return err
	}
	for _, mount := range slices.Backward(mounts) {
		if err := syscall.Unmount(mount.Mountpoint, syscall.MNT_DETACH); err != nil {
			return fmt.Errorf("unmount %s: %w", mount.Mountpoint, err)
		}
	}
	return nil
}
