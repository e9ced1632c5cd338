package cli

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/stretchr/testify/require"
)

func TestKeychainFindsWhatALoginStored(t *testing.T) {
	vars := map[string]string{"HOME": t.TempDir(), "XDG_RUNTIME_DIR": t.TempDir()}
	env := &Env{Lookup: func(n string) (string, bool) { v, ok := vars[n]; return v, ok }, UID: 1000}
	for to, host := range map[string]string{"docker": "localhost:5000", "containers": "index.docker.io"} {
		files, err := credentials.Targets(env.credentials(), to)
		require.NoError(t, err)
		_, err = files[0].Store(host, credentials.Credential{Username: to, Password: "p"})
		require.NoError(t, err)
	}
	for ref, user := range map[string]string{"localhost:5000/a/b": "docker", "busybox": "containers", "quay.io/x/y": ""} {
		repo, err := name.NewRepository(ref)
		require.NoError(t, err)
		found, err := env.keychain().Resolve(repo)
		require.NoError(t, err)
		conf, err := found.Authorization()
		require.NoError(t, err)
		require.Equal(t, user, conf.Username, ref)
		require.Equal(t, user == "", found == authn.Anonymous, ref)
	}
}

func TestJWTExpiry(t *testing.T) {
	jwt := func(claims string) string { return "x." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".y" }
	for token, want := range map[string]time.Time{
		jwt(`{"exp":1000000000}`):   time.Unix(1000000000, 0),
		jwt(`{"exp":1.0e9}`):        time.Unix(1000000000, 0),
		jwt(`{"exp":1e300}`):        {},
		jwt(`{"exp":-1}`):           {},
		jwt(`{"exp":"1000000000"}`): {},
		jwt(`{}`):                   {},
		"sha256~opaque":             {},
		"a.%%%.b":                   {},
		"":                          {},
	} {
		got, ok := jwtExpiry(token)
		require.Equal(t, !want.IsZero(), ok, token)
		require.True(t, want.Equal(got), token)
	}
}

func FuzzJWTExpiry(f *testing.F) {
	f.Add("x.eyJleHAiOjF9.y")
	f.Fuzz(func(t *testing.T, token string) {
		if end, ok := jwtExpiry(token); ok {
			require.True(t, end.After(time.Unix(0, 0).Add(-time.Second)))
		}
	})
}
