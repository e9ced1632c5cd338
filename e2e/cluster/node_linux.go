package cluster

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"text/template"
)

// The one node of a cluster.
const (
	NodeName = "node0"
	NodeIP   = "10.77.0.1" // also the name of its bridge is node0

	pauseImage = "localhost/e2e/pause:1"
	nodePods   = "10.78.0.0/24" // of podNet
)

//go:embed files
var files embed.FS

// Node is a cluster with a node on which pods run.
type Node struct {
	*Cluster
	cgroups    *cgroups
	containerd string // path of its socket
	undo       []func() error
}

// StartNode starts what StartAPI does, a scheduler, and a node: containerd, kubelet,
// kube-proxy. It needs root, the packages of Install, and namespaces of its own for
// network and mounts, as package sandbox makes them. dir must not be on an overlay. Pods
// reach each other and Services; there is no DNS, and no way out. Pods use the images
// of LoadImage, or of registries on the node's own addresses.
func StartNode(ctx context.Context, dir string, opts Options) (*Node, error) {
	if err := fit(); err != nil {
		return nil, err
	}
	c, err := newCluster(dir, opts, NodeIP)
	if err != nil {
		return nil, err
	}
	n := &Node{Cluster: c, containerd: c.path("run", "containerd.sock")}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	steps := []func(context.Context) error{n.enclose, n.kernel, n.network, n.startAPI, n.startScheduler, n.startContainerd, n.loadPause, n.startKubelet, n.ready}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, n.Stop())
		}
	}
	return n, nil
}

// enclose puts all that is started from now on into cgroups of its own.
func (n *Node) enclose(context.Context) (err error) {
	if err := Sweep(); err != nil {
		return err
	}
	if n.cgroups, err = newCgroups(); err != nil {
		return err
	}
	n.cgroup = n.cgroups.programs
	return nil
}

func (n *Node) startScheduler(context.Context) error {
	return n.launch("kube-scheduler", "--kubeconfig="+n.path("conf", "scheduler.kubeconfig"), "--secure-port=0", "--leader-elect=false")
}

func (n *Node) startContainerd(ctx context.Context) error {
	if n.opts.CertsDir == "" {
		n.opts.CertsDir = n.path("certs.d")
	}
	for _, dir := range []string{"run", "cni", "kubelet", "images", "certs.d"} {
		if err := os.Mkdir(n.path(dir), 0o755); err != nil {
			return err
		}
	}
	configs := map[string]string{"containerd.toml": n.path("conf", "containerd.toml"), "cni.conflist": n.path("cni", "10-pods.conflist"), "kubelet.yaml": n.path("conf", "kubelet.yaml")}
	for name, path := range configs {
		if err := n.render(name, path); err != nil {
			return err
		}
	}
	program, err := exec.LookPath("containerd")
	if err != nil {
		return err
	}
	if err := n.launchProgram("containerd", program, "--config="+n.path("conf", "containerd.toml")); err != nil {
		return err
	}
	return until(ctx, "containerd", n.processes, func(ctx context.Context) error { return n.ctr(ctx, "version") })
}

// render fills in one of files.
func (n *Node) render(name, path string) error {
	t, err := template.ParseFS(files, "files/"+name)
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	err = t.Execute(f, map[string]string{
		"Dir": n.dir, "Pause": pauseImage, "CNI": cniPlugins, "CertsDir": n.opts.CertsDir, "PodNet": nodePods, "NodeIP": NodeIP, "Cgroup": "/" + n.cgroups.name,
	})
	return errors.Join(err, f.Close())
}

func (n *Node) startKubelet(context.Context) error {
	// pods of the node's network have no name server either
	if err := os.WriteFile(n.path("conf", "resolv.conf"), []byte("nameserver 127.0.0.1\n"), 0o644); err != nil {
		return err
	}
	err := n.launch("kubelet", "--config="+n.path("conf", "kubelet.yaml"), "--kubeconfig="+n.path("conf", "kubelet.kubeconfig"),
		"--root-dir="+n.path("kubelet"), "--cert-dir="+n.path("kubelet", "pki"), "--hostname-override="+NodeName, "--node-ip="+NodeIP)
	if err != nil {
		return err
	}
	return n.launch("kube-proxy", "--kubeconfig="+n.path("conf", "proxy.kubeconfig"), "--hostname-override="+NodeName, "--proxy-mode=nftables", "--cluster-cidr="+podNet,
		"--bind-address="+NodeIP, "--healthz-bind-address="+loopback, "--metrics-bind-address="+loopback, "--conntrack-max-per-core=0")
}

// ready waits until pods can be put on the node.
func (n *Node) ready(ctx context.Context) error {
	return until(ctx, "node Ready", n.processes, func(ctx context.Context) error {
		body, err := n.Get(ctx, "/api/v1/nodes/"+NodeName)
		if err != nil {
			return err
		}
		var node struct {
			Spec   struct{ Taints []struct{ Key string } }
			Status struct{ Conditions []condition }
		}
		if err := json.Unmarshal(body, &node); err != nil {
			return err
		}
		if len(node.Spec.Taints) > 0 || !slices.ContainsFunc(node.Status.Conditions, condition.ready) {
			return fmt.Errorf("taints %v, conditions %v", node.Spec.Taints, node.Status.Conditions)
		}
		return nil
	})
}

type condition struct{ Type, Status, Message string }

func (c condition) ready() bool { return c.Type == "Ready" && c.Status == "True" }

// Containerd is the path of containerd's socket, for ctr.
func (n *Node) Containerd() string { return n.containerd }

// Stop ends all programs and pods at once, and removes what they leave: mounts,
// cgroups, network devices, and the folder.
func (n *Node) Stop() error {
	if n.cgroups != nil {
		if err := n.cgroups.kill(); err != nil {
			return err
		}
	}
	errs := []error{unmountBelow(n.dir)}
	for _, undo := range slices.Backward(n.undo) {
		errs = append(errs, undo())
	}
	if n.cgroups != nil {
		errs = append(errs, n.cgroups.remove())
	}
	if err := errors.Join(errs...); err != nil {
		return err // the folder stays: something may still be mounted in it
	}
	return n.Cluster.Stop()
}

// ctr runs containerd's own client.
func (n *Node) ctr(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "ctr", append([]string{"--address", n.containerd, "--namespace", "k8s.io"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("ctr %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}
