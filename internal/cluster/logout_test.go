package cluster

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
)

// TestEndTokenAsksForOneAlone: what is no token of an OAuth server must not become the name of
// something else that is deleted, least of all the list of all tokens. No server is asked.
func TestEndTokenAsksForOneAlone(t *testing.T) {
	for _, token := range []string{"", ".", "..", "../oauthclients/x", "a/b", "a?b", "a%2fb", "eyJ.eyJ.c2ln"} {
		k := &Context{Name: "c", conf: &rest.Config{Host: "http://127.0.0.1:1", BearerToken: token}}
		ended, err := k.EndToken(t.Context())
		require.Error(t, err, token)
		require.NotContains(t, err.Error(), "127.0.0.1", token)
		require.False(t, ended)
	}
}
