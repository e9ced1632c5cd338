package cluster_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/sys/mountinfo"
	"github.com/regctl/regctl/e2e/cluster"
	"github.com/regctl/regctl/e2e/cluster/sandbox"
	"github.com/stretchr/testify/require"
)

// TestNode needs root. It makes ready what needs the network, then runs itself again in a sandbox.
func TestNode(t *testing.T) {
	if sandbox.Inside() {
		_, err := sandbox.Enter()
		require.NoError(t, err)
		startNodeKeepsOffTheMachine(t)
		testNode(t)
		return
	}
	require.Zero(t, os.Getuid(), "this test needs root, to start containers: sudo make e2e")
	built(t)
	require.NoError(t, cluster.Install(t.Context(), func(what string) { t.Log(what) }))
	before := machine(t)
	code, err := sandbox.Run(t.Context(), t.Output(), t.Output(), "-test.run=^TestNode$", "-test.v")
	require.NoError(t, err)
	require.Zero(t, code, "the test in the sandbox failed")
	require.Equal(t, before, machine(t), "the node has changed the machine")
}

// machine is what a node could change for the whole machine.
func machine(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range []string{"vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops", "net/ipv4/ip_forward"} {
		value, err := os.ReadFile("/proc/sys/" + name)
		require.NoError(t, err)
		all[name] = string(value)
	}
	for _, dir := range []string{"/var/lib/kubelet", "/var/lib/cni", "/var/log/containers", "/run/containerd"} {
		_, err := os.Stat(dir)
		all[dir] = strings.TrimPrefix(errorText(err), "stat ")
	}
	return all
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A node is started only where its packet filter cannot cut off the machine.
func startNodeKeepsOffTheMachine(t *testing.T) {
	t.Helper()
	for _, line := range []string{"link set lo up", "route add default dev lo"} {
		require.NoError(t, exec.CommandContext(t.Context(), "ip", strings.Fields(line)...).Run())
	}
	dir := filepath.Join(t.TempDir(), "node")
	_, err := cluster.StartNode(t.Context(), dir, cluster.Options{Bin: built(t)})
	require.ErrorContains(t, err, "needs a network namespace of its own")
	require.NoDirExists(t, dir)
	require.NoError(t, exec.CommandContext(t.Context(), "ip", "route", "del", "default").Run())
}

func testNode(t *testing.T) {
	t.Helper()
	dir, data := filepath.Join(t.TempDir(), "node"), t.TempDir()
	n, err := cluster.StartNode(t.Context(), dir, cluster.Options{Bin: built(t)})
	require.NoError(t, err)
	defer func() {
		if t.Failed() {
			t.Log(n.Logs(30))
			t.Log(n.Kubectl(t.Context(), nil, "describe", "pods"))
			require.NoError(t, n.Stop())
		}
	}()
	require.NoError(t, n.LoadImage(t.Context(), helloImage(t)))
	manifest, err := os.ReadFile("testdata/hello.yaml")
	require.NoError(t, err)
	kubectl(t, n.Cluster, strings.ReplaceAll(string(manifest), "DIR", data), "create", "-f", "-")
	kubectl(t, n.Cluster, "", "rollout", "status", "deployment/hello", "--timeout=2m")

	url := "http://" + kubectl(t, n.Cluster, "", "get", "service", "hello", "-o", "jsonpath={.spec.clusterIP}")
	require.Equal(t, "swordfish", request(t, http.MethodGet, url+"/secret/word", ""))
	request(t, http.MethodPut, url+"/host/note", "on the host")
	request(t, http.MethodPut, url+"/claim/note", "in the claim")
	require.Equal(t, "on the host", read(t, data, "host", "note"))
	require.Equal(t, "in the claim", read(t, data, "pv", "note"))
	require.Contains(t, kubectl(t, n.Cluster, "", "logs", "deployment/hello"), "kept /claim/note")
	require.Equal(t, "swordfish", kubectl(t, n.Cluster, "", "exec", "deployment/hello", "--", "/hello", "cat", "/secret/word"))

	kubectl(t, n.Cluster, "", "delete", "pod", "-l", "app=hello", "--now")
	kubectl(t, n.Cluster, "", "rollout", "status", "deployment/hello", "--timeout=2m")
	require.Equal(t, "in the claim", request(t, http.MethodGet, url+"/claim/note", ""))

	require.NoError(t, n.Stop()) // with the pod running
	nothingLeft(t, dir)
	require.Equal(t, "in the claim", read(t, data, "pv", "note"))
}

// helloImage builds testdata/hello.
func helloImage(t *testing.T) (archive string) {
	t.Helper()
	dir := t.TempDir()
	program, archive := filepath.Join(dir, "hello"), filepath.Join(dir, "hello.tar")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./testdata/hello")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	image := cluster.Image{Name: "localhost/e2e/hello:1", Files: map[string]string{"/hello": program}, Command: []string{"/hello"}}
	require.NoError(t, image.Write(archive))
	return archive
}

// request asks a Service, which answers some time after its pod is ready.
func request(t *testing.T, method, url, body string) (answer string) {
	t.Helper()
	client := &http.Client{Timeout: 5 * tick, Transport: &http.Transport{DisableKeepAlives: true}}
	var last error
	require.Eventually(t, func() bool {
		req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
		require.NoError(t, err)
		resp, err := client.Do(req)
		if last = err; err != nil {
			return false
		}
		defer resp.Body.Close()
		data, err := io.ReadAll(resp.Body)
		answer, last = string(data), err
		return err == nil && resp.StatusCode == http.StatusOK
	}, patience, tick, "%s %s: %v %s", method, url, &last, &answer)
	return answer
}

func read(t *testing.T, elem ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	require.NoError(t, err)
	return string(data)
}

// nothingLeft looks for processes, mounts, namespaces, devices, packet filters and cgroups of a node.
func nothingLeft(t *testing.T, dir string) {
	t.Helper()
	require.NoDirExists(t, dir)
	require.Equal(t, []string{filepath.Base(os.Args[0])}, programs(t), "only this process is left")
	mounts, err := mountinfo.GetMounts(func(m *mountinfo.Info) (skip, stop bool) {
		return !strings.HasPrefix(m.Mountpoint, dir) && m.FSType != "nsfs" && !strings.HasPrefix(m.Mountpoint, "/proc/"), false
	})
	require.NoError(t, err)
	require.Empty(t, mounts)
	links, err := exec.CommandContext(t.Context(), "ip", "-brief", "link").Output()
	require.NoError(t, err)
	require.NotRegexp(t, "pods0|veth|node0", string(links))
	rules, err := exec.CommandContext(t.Context(), "nft", "list", "ruleset").Output()
	require.NoError(t, err)
	require.NotContains(t, string(rules), "kube-proxy")
	groups, err := filepath.Glob("/sys/fs/cgroup/*/regctl-e2e-*")
	require.NoError(t, err)
	require.Empty(t, groups)
}

// programs are the processes of this namespace that live.
func programs(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(t, err)
	for _, file := range files {
		line, err := os.ReadFile(file)
		if program, _, _ := bytes.Cut(line, []byte{0}); err == nil && len(program) > 0 { // a zombie has none
			names = append(names, filepath.Base(string(program)))
		}
	}
	return names
}
