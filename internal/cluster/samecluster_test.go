package cluster_test

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
)

// api is an API server with one kind and the UID of its kube-system.
func api(t *testing.T, uid, group, kind string) *httptest.Server {
	t.Helper()
	answers := map[string]string{
		"/version":                       `{"major":"1","minor":"36","gitVersion":"v1.36.3"}`,
		"/api":                           `{"kind":"APIVersions","versions":["v1"]}`,
		"/api/v1":                        `{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"namespaces","kind":"Namespace","namespaced":false,"verbs":["get"]}]}`,
		"/apis":                          fmt.Sprintf(`{"kind":"APIGroupList","groups":[{"name":%q,"versions":[{"groupVersion":"%[1]s/v1","version":"v1"}],"preferredVersion":{"groupVersion":"%[1]s/v1","version":"v1"}}]}`, group),
		"/apis/" + group + "/v1":         fmt.Sprintf(`{"kind":"APIResourceList","groupVersion":"%s/v1","resources":[{"name":"things","kind":%q,"namespaced":true,"verbs":["get"]}]}`, group, kind),
		"/api/v1/namespaces/kube-system": fmt.Sprintf(`{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"kube-system","uid":%q}}`, uid),
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	return s
}

// TestTwoClustersBehindOneAddress: what is remembered of one cluster must not count for another.
func TestTwoClustersBehindOneAddress(t *testing.T) {
	plain, openShift := api(t, "one", "apps", "Deployment"), api(t, "two", "apps.openshift.io", "DeploymentConfig")
	behind := plain
	tunnel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to, err := url.Parse(behind.URL)
		if err != nil {
			panic(err)
		}
		p := httputil.NewSingleHostReverseProxy(to)
		p.ErrorLog = log.New(io.Discard, "", 0)
		p.ServeHTTP(w, r)
	}))
	t.Cleanup(tunnel.Close)
	cacheDir := t.TempDir()
	has := func(group, kind string) bool {
		c, err := (&cluster.Context{Namespace: "ns", RESTConfig: &rest.Config{Host: tunnel.URL}}).Client("", cacheDir)
		require.NoError(t, err)
		_, found, err := c.Served(group, kind)
		require.NoError(t, err)
		return found
	}
	require.True(t, has("apps", "Deployment"))
	require.False(t, has("apps.openshift.io", "DeploymentConfig"))
	behind = openShift
	require.True(t, has("apps.openshift.io", "DeploymentConfig"), "the first cluster's kinds were taken for the second's")
	require.False(t, has("apps", "Deployment"))
	behind = plain
	require.True(t, has("apps", "Deployment"))
}

// TestAnotherCAIsAnotherCluster: where a CA is configured nothing but the certificate tells clusters apart.
func TestAnotherCAIsAnotherCluster(t *testing.T) {
	plain, openShift := api(t, "one", "apps", "Deployment"), api(t, "one", "apps.openshift.io", "DeploymentConfig")
	behind := plain
	tunnel := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		behind.Config.Handler.ServeHTTP(w, r)
	}))
	t.Cleanup(tunnel.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tunnel.Certificate().Raw})
	folder := t.TempDir()
	client := func() *cluster.Client {
		c, err := (&cluster.Context{Namespace: "ns", RESTConfig: &rest.Config{Host: tunnel.URL, TLSClientConfig: rest.TLSClientConfig{CAData: ca}}}).Client("", folder)
		require.NoError(t, err)
		return c
	}
	has := func(c *cluster.Client, group, kind string) bool {
		_, found, err := c.Served(group, kind)
		require.NoError(t, err)
		return found
	}
	require.True(t, has(client(), "apps", "Deployment"))
	behind = openShift
	require.True(t, has(client(), "apps", "Deployment"), "the same CA: the cache counts")
	c := client()
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(c.Discovery.File), "cluster"), []byte("of another CA"), 0o600))
	require.True(t, has(c, "apps.openshift.io", "DeploymentConfig"))
}
