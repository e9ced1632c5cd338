package policy

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/stretchr/testify/require"
)

// old is a fake of the API server of an OpenShift before 4, which cannot run here: its version, its
// kinds, and one constraint. Its answers are in the form of the Kubernetes API's documentation.
type old struct {
	version string // minor, as it writes it: 9+
	scc     map[string]any
	written int
}

func (o *old) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	list := func(group string, resources ...string) string {
		var all []string
		for _, res := range resources {
			name, kind, _ := strings.Cut(res, " ")
			all = append(all, fmt.Sprintf(`{"name":%q,"kind":%q,"namespaced":%t,"verbs":["get"]}`, name, kind, strings.HasPrefix(kind, "Role")))
		}
		return fmt.Sprintf(`{"kind":"APIResourceList","apiVersion":"v1","groupVersion":%q,"resources":[%s]}`, group, strings.Join(all, ","))
	}
	group := func(name string) string {
		return fmt.Sprintf(`{"name":%[1]q,"versions":[{"groupVersion":"%[1]s/v1","version":"v1"}],"preferredVersion":{"groupVersion":"%[1]s/v1","version":"v1"}}`, name)
	}
	w.Header().Set("Content-Type", "application/json")
	constraints := "/apis/" + security + "/v1/securitycontextconstraints"
	roles := "/apis/" + rbac + "/v1"
	switch r.Method + " " + r.URL.Path {
	case "GET /version":
		fmt.Fprintf(w, `{"major":"1","minor":%q,"gitVersion":"v1.%s.0+a0ce1bc657"}`, o.version, strings.TrimRight(o.version, "+"))
	case "GET /api":
		fmt.Fprint(w, `{"kind":"APIVersions","versions":["v1"]}`)
	case "GET /api/v1":
		fmt.Fprint(w, list("v1"))
	case "GET /apis":
		fmt.Fprintf(w, `{"kind":"APIGroupList","apiVersion":"v1","groups":[%s,%s]}`, group(security), group(rbac))
	case "GET /apis/" + security + "/v1":
		fmt.Fprint(w, list(security+"/v1", "securitycontextconstraints SecurityContextConstraints"))
	case "GET " + roles:
		fmt.Fprint(w, list(rbac+"/v1", "clusterroles ClusterRole", "rolebindings RoleBinding", "clusterrolebindings ClusterRoleBinding"))
	case "GET " + roles + "/namespaces/web/rolebindings", "GET " + roles + "/clusterrolebindings":
		fmt.Fprintf(w, `{"kind":"List","apiVersion":"%s/v1","items":[]}`, rbac)
	case "GET " + constraints + "/privileged":
		_ = json.NewEncoder(w).Encode(o.scc)
	case "GET " + constraints:
		_ = json.NewEncoder(w).Encode(map[string]any{"kind": "List", "apiVersion": security + "/v1", "items": []any{o.scc}})
	case "PATCH " + constraints + "/privileged":
		var patch map[string]any
		_ = json.NewDecoder(r.Body).Decode(&patch)
		o.scc["users"] = patch["users"]
		o.written++
		_ = json.NewEncoder(w).Encode(o.scc)
	default:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}`)
	}
}

// client talks to it.
func (o *old) client(t *testing.T) *cluster.Client {
	t.Helper()
	o.scc = map[string]any{
		"kind": "SecurityContextConstraints", "apiVersion": security + "/v1",
		"metadata": map[string]any{"name": "privileged", "resourceVersion": "1"}, "users": []any{"system:admin"}, "groups": []any{"ops"},
	}
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	file := filepath.Join(dir, "kubeconfig")
	require.NoError(t, os.WriteFile(file, []byte(fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: x,
clusters: [{name: x, cluster: {server: "%s"}}], users: [{name: x, user: {token: x}}], contexts: [{name: x, context: {cluster: x, user: x, namespace: web}}]}`, server.URL)), 0o600))
	k, err := cluster.Config{File: file}.Open(func(string) string { return "" })
	require.NoError(t, err)
	c, err := k.Client("", filepath.Join(dir, "cache"))
	require.NoError(t, err)
	return c
}

func apply(t *testing.T, changes []plan.Change) (done []string) {
	t.Helper()
	results, err := plan.Compare(t.Context(), changes, false)
	require.NoError(t, err)
	for _, r := range results {
		if done = append(done, string(r.Action)); r.Action != plan.Unchanged {
			require.NoError(t, r.Change.Apply(t.Context()))
		}
	}
	return done
}

func TestBefore311ByTheLists(t *testing.T) {
	for _, version := range []string{"9+", "10+"} {
		server := &old{version: version}
		c := server.client(t)
		changes, how, err := AllowSCC(t.Context(), c, "privileged", "default", "registry")
		require.NoError(t, err)
		require.Equal(t, "by the user and group lists of scc/privileged, for every namespace: this cluster (Kubernetes 1."+strings.TrimRight(version, "+")+") does not support roles for security context constraints", how)
		require.Equal(t, []string{"configured"}, apply(t, changes))
		require.Equal(t, []any{"system:admin", "system:serviceaccount:default:registry"}, server.scc["users"])

		changes, how, err = AllowSCC(t.Context(), c, "privileged", "default", "registry")
		require.NoError(t, err)
		require.Contains(t, how, "already")
		require.Equal(t, []string{"unchanged"}, apply(t, changes))
		require.Equal(t, 1, server.written)

		// a user with -n has it everywhere here, and loses it again
		removed, strange, err := SCC{Name: "privileged", Subjects: Subjects{Users: []string{"system:serviceaccount:default:registry", "system:admin", "bob"}}}.Remove(t.Context(), c)
		require.NoError(t, err)
		require.Equal(t, []string{`user "bob" is not listed in scc/privileged`}, strange)
		require.Equal(t, []string{"configured"}, apply(t, removed))
		require.Empty(t, server.scc["users"])
	}
}

func TestFrom311ByARole(t *testing.T) {
	for _, version := range []string{"11+", "36"} {
		c := (&old{version: version}).client(t)
		changes, how, err := AllowSCC(t.Context(), c, "privileged", "web", "registry")
		require.NoError(t, err)
		require.Equal(t, "by clusterrole/system:openshift:scc:privileged, in namespace web", how)
		require.Len(t, changes, 2)
		require.Equal(t, "rolebinding.rbac.authorization.k8s.io/system:openshift:scc:privileged", changes[1].String())
	}
}

func TestUnknownConstraint(t *testing.T) {
	_, _, err := AllowSCC(t.Context(), (&old{version: "9+"}).client(t), "privledged", "web", "registry")
	require.EqualError(t, err, "scc/privledged: not found; existing: privileged")
}

func TestPermits(t *testing.T) {
	role := func(rule string) *cluster.Object {
		var m map[string]any
		require.NoError(t, json.Unmarshal([]byte(`{"rules":[`+rule+`]}`), &m))
		return &cluster.Object{Object: m}
	}
	for rule, want := range map[string]bool{
		`{"apiGroups":["image.openshift.io"],"resources":["imagestreams/layers"],"verbs":["get"]}`:                         true,
		`{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}`:                                                              true,
		`{"apiGroups":["image.openshift.io"],"resources":["*/layers"],"verbs":["get"]}`:                                    true,
		`{"apiGroups":[""],"resources":["imagestreams/layers"],"verbs":["get"]}`:                                           false,
		`{"apiGroups":["image.openshift.io"],"resources":["imagestreams"],"verbs":["get"]}`:                                false, // before Origin 1.1
		`{"apiGroups":["image.openshift.io"],"resources":["imagestreams/layers"],"verbs":["update"]}`:                      false,
		`{"apiGroups":["image.openshift.io"],"resources":["imagestreams/layers"],"verbs":["get"],"resourceNames":["app"]}`: false,
		`{"nonResourceURLs":["/healthz"],"verbs":["get"]}`:                                                                 false,
	} {
		require.Equal(t, want, permits(role(rule), "get", Group, layers, ""), rule)
	}
}
