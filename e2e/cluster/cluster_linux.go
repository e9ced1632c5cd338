package cluster

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// patience is the limit of a start, which takes seconds on an idle machine.
const patience = 4 * time.Minute

// Options say how a cluster is to be.
type Options struct {
	Bin           string              // folder that Build returned
	Users         map[string][]string // users that log in by token, beside the admin: name to groups
	APIServerArgs []string            // more flags of kube-apiserver
	CertsDir      string              // StartNode: the folder in which containerd looks for HOST:PORT/ca.crt or hosts.toml; none: DIR/certs.d
}

// Cluster is an API server with RBAC and all controllers. Its methods may be called
// at the same time, but for Stop.
type Cluster struct {
	dir       string
	opts      Options
	address   string // on which the API server listens, and which it tells to pods
	port      int
	ca        []byte
	tokens    map[string]string
	admin     *http.Client
	processes []*process // in the order of their start
	cgroup    *os.File   // that processes are started in, if any
}

// StartAPI starts etcd, kube-apiserver and kube-controller-manager on free ports of
// loopback, and waits until they serve. Needs no root. dir, absent or empty, is theirs; Stop removes it.
// ctx is about the start alone. They all end with this process at the latest.
func StartAPI(ctx context.Context, dir string, opts Options) (*Cluster, error) {
	c, err := newCluster(dir, opts, loopback)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := c.startAPI(ctx); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// newCluster takes the folder and makes the lower folders.
func newCluster(dir string, opts Options, address string) (*Cluster, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return nil, fmt.Errorf("%s: not empty", dir)
	}
	c := &Cluster{dir: dir, opts: opts, address: address, tokens: map[string]string{}}
	for _, sub := range []string{"pki", "conf", "log", "etcd"} {
		if err := os.MkdirAll(c.path(sub), 0o700); err != nil {
			return nil, err
		}
	}
	for user := range opts.Users {
		c.tokens[user] = rand.Text()
	}
	return c, nil
}

func (c *Cluster) path(elem ...string) string {
	return filepath.Join(append([]string{c.dir}, elem...)...)
}

// URL is that of the API server.
func (c *Cluster) URL() string { return fmt.Sprintf("https://%s:%d", loopback, c.port) }

// CA is the PEM certificate that signed the API server's.
func (c *Cluster) CA() []byte { return slices.Clone(c.ca) }

// Kubeconfig is the path of the admin's kubeconfig, which needs no other file.
func (c *Cluster) Kubeconfig() string { return c.path("conf", "admin.kubeconfig") }

// Token is the bearer token of one of Options.Users; empty for others.
func (c *Cluster) Token(user string) string { return c.tokens[user] }

// UserKubeconfig is the path of the kubeconfig of one of Options.Users.
func (c *Cluster) UserKubeconfig(user string) string {
	return c.path("conf", "user-"+user+".kubeconfig")
}

// Kubectl runs kubectl as the admin and returns what it writes to stdout. stdin may be nil.
func (c *Cluster) Kubectl(ctx context.Context, stdin io.Reader, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(c.opts.Bin, "kubectl"), args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+c.Kubeconfig(), "KUBECACHEDIR="+c.path("kubectl"))
	var stderr strings.Builder
	cmd.Stdin, cmd.Stderr = stdin, &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(stderr.String()))
	}
	return string(out), err
}

// Get asks the API server as the admin; any answer but 200 is an error.
func (c *Cluster) Get(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL()+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := c.admin.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", path, resp.Status, body)
	}
	return body, err
}

// Logs are the last lines of each program's log, for a test that has failed.
func (c *Cluster) Logs(lines int) string {
	var all strings.Builder
	for _, p := range c.processes {
		fmt.Fprintf(&all, "---- %s (%s):\n%s\n", p.name, p.log, p.tail(lines))
	}
	return all.String()
}

// Stop ends all programs and removes the folder.
func (c *Cluster) Stop() error {
	for _, p := range slices.Backward(c.processes) {
		p.kill()
	}
	c.processes = nil
	if c.admin != nil {
		c.admin.CloseIdleConnections()
	}
	return os.RemoveAll(c.dir)
}

// launch starts one of Build's programs.
func (c *Cluster) launch(name string, args ...string) error {
	return c.launchProgram(name, filepath.Join(c.opts.Bin, name), args...)
}

func (c *Cluster) launchProgram(name, program string, args ...string) error {
	p, err := launch(c.path("log"), name, c.cgroup, program, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	c.processes = append(c.processes, p)
	return nil
}
