package images_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/regctl/regctl/pkg/images"
	"github.com/stretchr/testify/require"
)

// login is a Keychain with one user.
type login struct{ user, password string }

func (l login) Resolve(authn.Resource) (authn.Authenticator, error) {
	return authn.FromConfig(authn.AuthConfig{Username: l.user, Password: l.password}), nil
}

// withTokens makes a registry ask for a token, which jane gets for her password.
func withTokens(s *server) {
	s.answer(func(w http.ResponseWriter, r *http.Request) bool {
		user, password, _ := r.BasicAuth()
		switch {
		case r.URL.Path == "/token" && user == "jane" && password == "secret":
			fmt.Fprint(w, `{"token":"good"}`)
		case r.URL.Path != "/token" && r.Header.Get("Authorization") == "Bearer good":
			return false
		default:
			w.Header().Set("WWW-Authenticate", `Bearer realm="https://`+s.host+`/token",service="registry"`)
			w.WriteHeader(http.StatusUnauthorized)
		}
		return true
	})
}

func TestTokens(t *testing.T) {
	s := distribution(t)
	withTokens(s)
	img := open(t, layoutOf(t, indexOf(t, "linux/amd64", "linux/arm64")))
	c := client(s)
	c.Keychain = login{"jane", "secret"}
	_, err := c.Push(t.Context(), img, s.ref(t, "demo/app:v1"))
	require.NoError(t, err)
	_, err = c.Pull(t.Context(), s.ref(t, "demo/app:v1"), filepath.Join(t.TempDir(), "out"), images.PullOptions{Format: images.OCI})
	require.NoError(t, err)
	_, err = c.Copy(t.Context(), s.ref(t, "demo/app:v1"), s.ref(t, "prod/app:v1"), images.CopyOptions{Referrers: true})
	require.NoError(t, err)

	for _, keys := range []authn.Keychain{nil, login{"jane", "wrong"}} {
		c := client(s)
		c.Keychain = keys
		for _, err := range []error{
			second(c.Push(t.Context(), img, s.ref(t, "demo/app:v1"))),
			second(c.Pull(t.Context(), s.ref(t, "demo/app:v1"), filepath.Join(t.TempDir(), "out"), images.PullOptions{Format: images.OCI})),
		} {
			require.ErrorContains(t, err, "not logged in, or with invalid credentials")
			isKind(t, err, images.Unauthorized, s.host)
			require.True(t, images.IsDenied(fmt.Errorf("wrapped: %w", err)))
			require.NotContains(t, err.Error(), "wrong")
		}
	}
}
