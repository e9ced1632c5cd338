package change

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// TestDeleteRefusesAChangedObject: the server is a fake that has an object of resource version 2.
func TestDeleteRefusesAChangedObject(t *testing.T) {
	old, gone := kubernetes111(), false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodDelete {
			old.ServeHTTP(w, r)
			return
		}
		var opts metav1.DeleteOptions
		_ = json.NewDecoder(r.Body).Decode(&opts)
		w.Header().Set("Content-Type", "application/json")
		if p := opts.Preconditions; p != nil && *p.ResourceVersion != "2" {
			w.WriteHeader(http.StatusConflict)
			_, _ = w.Write([]byte(`{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Conflict", "code": 409}`))
			return
		}
		gone = true
		_, _ = w.Write([]byte(`{"kind": "Status", "apiVersion": "v1", "status": "Success"}`))
	}))
	t.Cleanup(server.Close)
	c, err := (&cluster.Context{Namespace: "ns", RESTConfig: &rest.Config{Host: server.URL}}).Client("", t.TempDir())
	require.NoError(t, err)
	as := configMap(t)
	d := &Delete{Client: c, Ref: cluster.RefOf(as), As: as}
	as.SetResourceVersion("1")
	require.EqualError(t, d.Apply(t.Context()), "configmap/r: changed by another client meanwhile")
	require.False(t, gone)
	as.SetResourceVersion("2")
	require.NoError(t, d.Apply(t.Context()))
	require.True(t, gone)
}
