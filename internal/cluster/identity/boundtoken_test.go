package identity

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/stretchr/testify/require"
)

// tokenServer answers each TokenRequest with one status and text: what servers that cannot be
// run here would say. A real one is asked by the cluster's tests.
func tokenServer(t *testing.T, status int, text string) *cluster.Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/api":
			fmt.Fprint(w, `{"kind": "APIVersions", "versions": ["v1"]}`)
		case "/apis":
			fmt.Fprint(w, `{"kind": "APIGroupList", "groups": []}`)
		case "/api/v1":
			fmt.Fprint(w, `{"kind": "APIResourceList", "groupVersion": "v1", "resources": [{"name": "serviceaccounts", "namespaced": true, "kind": "ServiceAccount"}]}`)
		default:
			if text[0] != '{' {
				w.Header().Set("Content-Type", "text/plain")
			}
			w.WriteHeader(status)
			fmt.Fprint(w, text)
		}
	}))
	t.Cleanup(s.Close)
	file := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `
clusters: [{name: a, cluster: {server: %q}}]
users: [{name: a, user: {token: t}}]
contexts: [{name: a, context: {cluster: a, user: a}}]
current-context: a`, s.URL), 0o600))
	k, err := cluster.Config{File: file}.Open(func(string) string { return "" })
	require.NoError(t, err)
	c, err := k.Client("web", t.TempDir())
	require.NoError(t, err)
	return c
}

func TestBoundTokenSaysWhatTheServerGave(t *testing.T) {
	c := tokenServer(t, http.StatusCreated, `{"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
		"spec": {"expirationSeconds": 3600}, "status": {"token": "abc", "expirationTimestamp": "2030-01-01T00:00:00Z"}}`)
	got, err := RequestToken(t.Context(), c, "ci", nil, 24*time.Hour)
	require.NoError(t, err)
	require.Equal(t, &BoundToken{Token: "abc", Lifetime: time.Hour, Expires: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}, got)
}

func TestBoundTokenRefused(t *testing.T) {
	const missing = `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404, "message": "not found", "details": {"kind": %q, "name": "x"}}`
	for _, c := range []struct {
		status       int
		text         string
		error, hints string
	}{
		{404, fmt.Sprintf(missing, "serviceaccounts"), "serviceaccount/ci: not found in namespace web", ""},
		{404, fmt.Sprintf(missing, "namespaces"), "serviceaccount/ci: not found", "kubectl create namespace x"},
		{404, "404 page not found\n", "the API server does not issue expiring tokens", "oc serviceaccounts get-token ci -n web | regctl login HOST -u serviceaccount --password-stdin"},
		{201, `{"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1"}`, "no token or no expiration time", ""},
	} {
		_, err := RequestToken(t.Context(), tokenServer(t, c.status, c.text), "ci", nil, time.Hour)
		require.ErrorContains(t, err, c.error, c.text)
		require.Equal(t, c.hints, hint.Of(err), c.text)
	}
}
