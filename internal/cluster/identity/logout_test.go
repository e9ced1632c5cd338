package identity

import (
	"testing"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
)

// TestEndTokenAsksForOneAlone: what is no token of an OAuth server must not become the name of
// something else that is deleted, least of all the list of all tokens. No server is asked.
func TestEndTokenAsksForOneAlone(t *testing.T) {
	for _, token := range []string{"", ".", "..", "../oauthclients/x", "a/b", "a?b", "a%2fb", "eyJ.eyJ.c2ln"} {
		k := &cluster.Context{Name: "c", RESTConfig: &rest.Config{Host: "http://127.0.0.1:1", BearerToken: token}}
		ended, err := EndToken(t.Context(), k)
		require.Error(t, err, token)
		require.NotContains(t, err.Error(), "127.0.0.1", token)
		require.False(t, ended)
	}
}
