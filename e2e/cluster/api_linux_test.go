package cluster_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/regctl/regctl/e2e/cluster"
	"github.com/stretchr/testify/require"
)

const configMap = `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}, "data": {"key": "value"}}`

// TestAPI needs no root, and no network but for the build.
func TestAPI(t *testing.T) {
	ctx, dir := t.Context(), filepath.Join(t.TempDir(), "api")
	c, err := cluster.StartAPI(ctx, dir, cluster.Options{Bin: built(t, cluster.APIPrograms()...), Users: map[string][]string{"jane": {"developers"}}})
	require.NoError(t, err)
	stopped := false
	defer func() {
		if !stopped {
			t.Log(c.Logs(20))
			require.NoError(t, c.Stop())
		}
	}()

	kubectl(t, c, "", "create", "namespace", "shop")
	kubectl(t, c, configMap, "-n", "shop", "create", "-f", "-")
	require.Equal(t, "value", kubectl(t, c, "", "-n", "shop", "get", "configmap", "one", "-o", "jsonpath={.data.key}"))

	const path = "/api/v1/namespaces/shop/configmaps/one"
	status, body := get(ctx, t, c, path, c.Token("jane"))
	require.Equal(t, http.StatusForbidden, status)
	require.Contains(t, body, `User \"jane\" cannot get resource \"configmaps\"`)
	kubectl(t, c, "", "-n", "shop", "create", "rolebinding", "view", "--clusterrole=view", "--group=developers")
	require.Eventually(t, func() bool { // RBAC is taken up from a watch
		status, body = get(ctx, t, c, path, c.Token("jane"))
		return status == http.StatusOK
	}, patience, tick)
	require.Contains(t, body, `"key":"value"`)
	require.Contains(t, kubectl(t, c, "", "--kubeconfig", c.UserKubeconfig("jane"), "auth", "whoami"), "jane")
	status, _ = get(ctx, t, c, path, "wrong")
	require.Equal(t, http.StatusUnauthorized, status)

	// the controllers run: a namespace goes only when they have emptied it
	kubectl(t, c, "", "delete", "namespace", "shop", "--timeout=60s")

	stopped = true
	require.NoError(t, c.Stop())
	require.NoDirExists(t, dir)
	_, err = c.Get(ctx, "/readyz")
	require.Error(t, err, "the API server still answers")
}

func TestStartAPIRefusesAFullFolder(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "mine")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := cluster.StartAPI(t.Context(), dir, cluster.Options{})
	require.EqualError(t, err, dir+": not empty")
	require.FileExists(t, file)
}

// A program that ends is told about at once, with what it said last, and nothing stays behind.
func TestStartAPITellsWhatFailed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "api")
	opts := cluster.Options{Bin: built(t, cluster.APIPrograms()...), APIServerArgs: []string{"--no-such-flag"}}
	_, err := cluster.StartAPI(t.Context(), dir, opts)
	require.ErrorContains(t, err, "kube-apiserver ended (exit status 1), having said:")
	require.ErrorContains(t, err, "unknown flag: --no-such-flag")
	require.NoDirExists(t, dir)
}

func kubectl(t *testing.T, c *cluster.Cluster, stdin string, args ...string) string {
	t.Helper()
	out, err := c.Kubectl(t.Context(), strings.NewReader(stdin), args...)
	require.NoError(t, err)
	return out
}

// get asks as the user who has the token.
func get(ctx context.Context, t *testing.T, c *cluster.Cluster, path, token string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL()+path, http.NoBody)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := trusting(t, c.CA()).Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(body)
}
