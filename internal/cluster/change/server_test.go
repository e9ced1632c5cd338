package change

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
)

// oldServer answers as an API server of a version that cannot be run here: it is a fake of as
// much as is asked in these tests. Objects are kept as they are sent, merge patches are laid over by their top fields.
type oldServer struct {
	version string
	lists   map[string]string // path of a discovery document → its content

	mu    sync.Mutex
	seen  []string
	fails int // so many answers break off in the middle
}

func (s *oldServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, r.Method+" "+r.URL.Path)
	if strings.Contains(r.URL.RawQuery, "dryRun") {
		s.seen = append(s.seen, "A DRY RUN")
	}
	w.Header().Set("Content-Type", "application/json")
	switch text, known := s.lists[r.URL.Path]; {
	case s.fails > 0:
		s.fails--
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, "{")
	case r.URL.Path == "/version":
		fmt.Fprintf(w, `{"major": "1", "minor": "x", "gitVersion": %q}`, s.version)
	case r.Header.Get("Content-Type") == "application/apply-patch+yaml":
		w.WriteHeader(http.StatusUnsupportedMediaType)
		fmt.Fprint(w, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "UnsupportedMediaType", "code": 415}`)
	case known:
		fmt.Fprint(w, text)
	case r.Method == http.MethodPost:
		b, _ := io.ReadAll(r.Body)
		s.lists[r.URL.Path+"/r"] = string(b)
		_, _ = w.Write(b)
	default:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404, "message": "nothing is there"}`)
	}
}

func (s *oldServer) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = nil
}

// asked are the requests about anything but kinds, and which cluster it is.
func (s *oldServer) asked() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.seen {
		if !strings.HasSuffix(r, "/api") && !strings.HasSuffix(r, "/apis") && !strings.HasSuffix(r, "/v1") && r != "GET /version" && !strings.HasSuffix(r, "/kube-system") {
			all = append(all, r)
		}
	}
	return all
}

// kubernetes111 has the kinds that the tests need.
func kubernetes111() *oldServer {
	return &oldServer{version: "v1.11.0+d4cacc0", lists: map[string]string{
		"/api":    `{"kind": "APIVersions", "versions": ["v1"]}`,
		"/api/v1": resources("v1", "ConfigMap", "Secret"),
		"/apis": `{"kind": "APIGroupList", "apiVersion": "v1", "groups": [
			{"name": "apps", "versions": [{"groupVersion": "apps/v1", "version": "v1"}], "preferredVersion": {"groupVersion": "apps/v1", "version": "v1"}},
			{"name": "policy", "versions": [{"groupVersion": "policy/v1beta1", "version": "v1beta1"}], "preferredVersion": {"groupVersion": "policy/v1beta1", "version": "v1beta1"}}]}`,
		"/apis/apps/v1":        resources("apps/v1", "Deployment"),
		"/apis/policy/v1beta1": resources("policy/v1beta1", "PodDisruptionBudget"),
	}}
}

func resources(version string, kinds ...string) string {
	var all []string
	for _, k := range kinds {
		all = append(all, fmt.Sprintf(`{"name": "%ss", "singularName": "", "namespaced": true, "kind": %q, "verbs": ["get", "list", "create", "patch"]}`, strings.ToLower(k), k))
	}
	return fmt.Sprintf(`{"kind": "APIResourceList", "groupVersion": %q, "resources": [%s]}`, version, strings.Join(all, ","))
}

// to is a client of the server, which writes down below cacheDir what the server can do.
func (s *oldServer) to(t *testing.T, cacheDir string, plain bool) *cluster.Client {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c, err := (&cluster.Context{Namespace: "ns", RESTConfig: &rest.Config{Host: server.URL}, Plain: plain}).Client("", cacheDir)
	require.NoError(t, err)
	return c
}

func configMap(t *testing.T) *cluster.Object {
	t.Helper()
	return read(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: r, namespace: ns}, data: {a: '1'}}")
}

func TestDryRunRequiresServerSupport(t *testing.T) {
	s := kubernetes111()
	c := s.to(t, t.TempDir(), false)
	run := func(dry plan.DryRun, changes ...plan.Change) error {
		_, err := plan.Runner{Out: io.Discard, DryRun: dry}.Run(t.Context(), changes)
		return err
	}
	once := func() plan.Change {
		return &Make{Client: c, Object: read(t, "{apiVersion: v1, kind: Secret, metadata: {name: r, namespace: ns}}"), Fill: func(*cluster.Object) (string, error) { return "", nil }}
	}
	for _, change := range []plan.Change{&Apply{Client: c, Object: configMap(t), Concern: "test"}, once(), &Make{Client: c, Object: configMap(t), Fields: []string{"data"}}} {
		err := run(plan.Server, change)
		require.ErrorContains(t, err, "--dry-run=server: the API server (Kubernetes 1.11) does not support dry run")
		require.Contains(t, hint.Of(err), "--dry-run=client")
		require.Equal(t, hint.Usage, hint.CodeOf(err))
	}
	s.forget()
	require.NoError(t, run(plan.None, &Apply{Client: c, Object: configMap(t), Concern: "test"}, once()))
	require.Equal(t, []string{
		"GET /api/v1/namespaces/ns/configmaps/r", "GET /api/v1/namespaces/ns/secrets/r",
		"POST /api/v1/namespaces/ns/configmaps", "POST /api/v1/namespaces/ns/secrets",
	}, s.asked(), "the version was asked before")
	s.forget()
	require.NoError(t, run(plan.None, &Apply{Client: c, Object: configMap(t), Concern: "test"}))
	require.Equal(t, []string{"GET /api/v1/namespaces/ns/configmaps/r"}, s.asked())
}

// A newer server may have server-side apply switched off: it says so.
// TestServerSideApplyFrom116 has the versions around the first one that knows server-side apply and dry runs.
func TestServerSideApplyFrom116(t *testing.T) {
	for version, want := range map[string]bool{
		"v1.11.0+d4cacc0": false, "v1.15.12": false, "v1.16.0": true, "v1.16.0-rc.1": true, "v1.17.3": true, "v1.18.0": true, "v1.36.2+k3s1": true, "v2.0.0": true,
	} {
		s := kubernetes111()
		s.version = version
		got, err := s.to(t, t.TempDir(), false).DryRuns(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, got, version)
	}
}

func TestServerThatRefusesApply(t *testing.T) {
	s := kubernetes111()
	s.version = "v1.17.3"
	c := s.to(t, t.TempDir(), false)
	_, err := plan.Runner{Out: io.Discard}.Run(t.Context(), []plan.Change{&Apply{Client: c, Object: configMap(t), Concern: "test"}})
	require.NoError(t, err)
	require.Contains(t, s.asked(), "POST /api/v1/namespaces/ns/configmaps")
}

func TestKindsOfAnotherVersion(t *testing.T) {
	s := kubernetes111()
	c := s.to(t, t.TempDir(), false)
	budget := read(t, "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: r, namespace: ns}}")
	_, err := plan.Runner{Out: io.Discard}.Run(t.Context(), []plan.Change{&Apply{Client: c, Object: budget, Concern: "test"}})
	require.NoError(t, err)
	var sent map[string]any
	require.NoError(t, json.Unmarshal([]byte(s.lists["/apis/policy/v1beta1/namespaces/ns/poddisruptionbudgets/r"]), &sent))
	require.Equal(t, "policy/v1beta1", sent["apiVersion"])
}

func TestOpenShiftThatIsTooOld(t *testing.T) {
	s := &oldServer{version: "v1.5.2+43a9be4", lists: map[string]string{
		"/api": `{"kind": "APIVersions", "versions": ["v1"]}`, "/api/v1": resources("v1", "Secret"),
		"/apis":    `{"kind": "APIGroupList", "apiVersion": "v1", "groups": []}`,
		"/oapi/v1": resources("v1", "DeploymentConfig"),
	}}
	c := s.to(t, t.TempDir(), false)
	const text = "the API server is older than OpenShift 3.6, the oldest supported version"
	deployment := cluster.GVK{Group: "apps", Version: "v1", Kind: "Deployment"}
	_, err := c.Get(t.Context(), cluster.Ref{GVK: deployment, Namespace: "ns", Name: "r"})
	require.EqualError(t, err, text)
	_, err = c.Has(deployment)
	require.EqualError(t, err, text)
	_, err = c.Select([]string{"dc/r"}, "", false)
	require.EqualError(t, err, text)
	require.Empty(t, s.asked(), "but for its kinds")
}

// A kind that is missing does not make each command ask for all kinds again; one that is needed does.
func TestMissingKindsAreCached(t *testing.T) {
	s, cacheDir := kubernetes111(), t.TempDir()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	open := func() *cluster.Client {
		c, err := (&cluster.Context{Namespace: "ns", RESTConfig: &rest.Config{Host: server.URL}}).Client("", cacheDir)
		require.NoError(t, err)
		return c
	}
	route, secret := cluster.GVK{Group: "route.openshift.io", Version: "v1", Kind: "Route"}, cluster.CoreKind("Secret")
	has := func(c *cluster.Client, gvk cluster.GVK, want bool) {
		t.Helper()
		found, err := c.Has(gvk)
		require.NoError(t, err)
		require.Equal(t, want, found)
	}
	has(open(), secret, true)
	s.forget()
	c := open()
	has(c, secret, true)
	has(c, route, false)
	require.Subset(t, []string{"GET /version", "GET /api/v1/namespaces/kube-system"}, s.seen, "kinds come from disk, once it is known to be the same cluster")

	// the kind is installed
	s.mu.Lock()
	s.lists["/apis"] = strings.Replace(s.lists["/apis"], `{"name": "apps"`, `{"name": "route.openshift.io", "versions": [{"groupVersion": "route.openshift.io/v1", "version": "v1"}], "preferredVersion": {"groupVersion": "route.openshift.io/v1", "version": "v1"}}, {"name": "apps"`, 1)
	s.lists["/apis/route.openshift.io/v1"] = resources("route.openshift.io/v1", "Route")
	s.mu.Unlock()
	has(open(), route, false)
	c = open()
	_, served, err := c.Served("route.openshift.io", "Route")
	require.NoError(t, err)
	require.False(t, served)
	_, installed, err := c.Installed("route.openshift.io", "Route")
	require.NoError(t, err)
	require.True(t, installed, "what is needed is asked for")
	has(open(), route, true)

	// what is on disk is too old
	delete(s.lists, "/apis/apps/v1")
	s.lists["/apis"] = strings.ReplaceAll(s.lists["/apis"], "apps", "extras.example.com")
	s.lists["/apis/extras.example.com/v1"] = resources("extras.example.com/v1", "Extra")
	extra := cluster.GVK{Group: "extras.example.com", Version: "v1", Kind: "Extra"}
	c = open()
	past := time.Now().Add(-cluster.Trusted - time.Minute)
	require.NoError(t, os.Chtimes(c.Discovery.File, past, past))
	has(c, extra, true)
}

// An answer that breaks off is asked for again.
func TestReadingAgain(t *testing.T) {
	s := kubernetes111()
	s.lists["/api/v1/namespaces/ns/configmaps/r"] = `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "r"}}`
	c := s.to(t, t.TempDir(), true)
	has, err := c.Has(cluster.CoreKind("ConfigMap"))
	require.NoError(t, err)
	require.True(t, has)
	get := func(ctx context.Context) error {
		_, err := c.Get(ctx, cluster.Ref{GVK: cluster.CoreKind("ConfigMap"), Namespace: "ns", Name: "r"})
		return err
	}
	s.fails = 2
	require.NoError(t, get(t.Context()))
	s.fails = 100
	s.forget()
	require.ErrorContains(t, get(t.Context()), "unexpected EOF")
	require.Len(t, s.asked(), 4)
}
