package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
)

const (
	loopback  = "127.0.0.1"
	podNet    = "10.78.0.0/16"
	serviceIP = "10.96.0.1" // of the API server itself, the first of serviceNet
	// serviceNet holds the addresses of Services.
	serviceNet = "10.96.0.0/16"
)

func (c *Cluster) startAPI(ctx context.Context) error {
	ports, err := freePorts(ctx, 3)
	if err != nil {
		return err
	}
	c.port = ports[0]
	if err := c.identities(); err != nil {
		return err
	}
	if err := c.launch("etcd", c.etcdFlags(ports[1], ports[2])...); err != nil {
		return err
	}
	if err := c.launch("kube-apiserver", c.apiserverFlags(ports[1])...); err != nil {
		return err
	}
	if err := c.answers(ctx, "/readyz"); err != nil {
		return err
	}
	if err := c.launch("kube-controller-manager", c.controllerFlags()...); err != nil {
		return err
	}
	// without it no pod can be created
	return c.answers(ctx, "/api/v1/namespaces/default/serviceaccounts/default")
}

// answers waits until the API server has the path.
func (c *Cluster) answers(ctx context.Context, path string) error {
	return until(ctx, path, c.processes, func(ctx context.Context) error {
		_, err := c.Get(ctx, path)
		return err
	})
}

// freePorts are ports that no connection to elsewhere is given, so that they are
// still free when the programs listen.
func freePorts(ctx context.Context, n int) ([]int, error) {
	var ports []int
	for range 1000 {
		port := 25000 + rand.IntN(5000)
		ln, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
		if err != nil {
			continue
		}
		defer ln.Close() // when all are found, so that none is found twice
		if ports = append(ports, port); len(ports) == n {
			return ports, nil
		}
	}
	return nil, fmt.Errorf("no free ports between 25000 and 30000 on %s", loopback)
}

func (c *Cluster) etcdFlags(port, peerPort int) []string {
	client, peer := fmt.Sprintf("https://%s:%d", loopback, port), fmt.Sprintf("http://%s:%d", loopback, peerPort)
	return []string{
		"--name=e2e", "--data-dir=" + c.path("etcd"), "--unsafe-no-fsync",
		"--listen-client-urls=" + client, "--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer, "--initial-cluster=e2e=" + peer,
		"--client-cert-auth", "--trusted-ca-file=" + c.pki("ca.crt"), "--cert-file=" + c.pki("etcd.crt"), "--key-file=" + c.pki("etcd.key"),
	}
}

func (c *Cluster) apiserverFlags(etcdPort int) []string {
	flags := []string{
		"--secure-port=" + strconv.Itoa(c.port), "--advertise-address=" + c.address,
		fmt.Sprintf("--etcd-servers=https://%s:%d", loopback, etcdPort),
		"--etcd-cafile=" + c.pki("ca.crt"), "--etcd-certfile=" + c.pki("admin.crt"), "--etcd-keyfile=" + c.pki("admin.key"),
		"--tls-cert-file=" + c.pki("apiserver.crt"), "--tls-private-key-file=" + c.pki("apiserver.key"),
		"--client-ca-file=" + c.pki("ca.crt"), "--token-auth-file=" + c.path("conf", "tokens.csv"),
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + c.pki("sa.pub"), "--service-account-signing-key-file=" + c.pki("sa.key"),
		"--service-cluster-ip-range=" + serviceNet, "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction", "--allow-privileged",
		"--kubelet-client-certificate=" + c.pki("kubelet-client.crt"), "--kubelet-client-key=" + c.pki("kubelet-client.key"),
		"--kubelet-certificate-authority=" + c.pki("ca.crt"), "--kubelet-preferred-address-types=InternalIP",
		// what an aggregated API server needs
		"--requestheader-client-ca-file=" + c.pki("front-proxy-ca.crt"), "--requestheader-allowed-names=front-proxy-client",
		"--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group", "--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + c.pki("front-proxy-client.crt"), "--proxy-client-key-file=" + c.pki("front-proxy-client.key"), "--enable-aggregator-routing",
	}
	if c.address == loopback {
		flags = append(flags, "--bind-address="+loopback, "--endpoint-reconciler-type=none") // endpoints may not be loopback
	}
	return append(flags, c.opts.APIServerArgs...)
}

func (c *Cluster) controllerFlags() []string {
	return []string{
		"--kubeconfig=" + c.path("conf", "controllers.kubeconfig"), "--secure-port=0", "--leader-elect=false", "--use-service-account-credentials",
		"--kube-api-qps=300", "--kube-api-burst=600", // else its many clients wait for seconds at the start
		"--root-ca-file=" + c.pki("ca.crt"), "--service-account-private-key-file=" + c.pki("sa.key"),
		"--cluster-signing-cert-file=" + c.pki("ca.crt"), "--cluster-signing-key-file=" + c.pki("ca.key"),
		"--allocate-node-cidrs", "--cluster-cidr=" + podNet, "--service-cluster-ip-range=" + serviceNet,
	}
}

func (c *Cluster) pki(name string) string { return c.path("pki", name) }

// tokenFile writes the users who log in by token: token,user,uid,"group,group".
func (c *Cluster) tokenFile() error {
	var lines strings.Builder
	for user, groups := range c.opts.Users {
		fmt.Fprintf(&lines, "%s,%s,%s,%q\n", c.tokens[user], user, user, strings.Join(groups, ","))
	}
	return os.WriteFile(c.path("conf", "tokens.csv"), []byte(lines.String()), 0o600)
}
