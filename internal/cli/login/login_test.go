package login

import (
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/stretchr/testify/require"
)

func TestKeychainFindsWhatALoginStored(t *testing.T) {
	vars := map[string]string{"HOME": t.TempDir(), "XDG_RUNTIME_DIR": t.TempDir()}
	env := &cmdutil.Env{Lookup: func(n string) (string, bool) { v, ok := vars[n]; return v, ok }, UID: 1000}
	for to, host := range map[string]string{"docker": "localhost:5000", "containers": "index.docker.io"} {
		files, err := credentials.Targets(connect.Credentials(env), to)
		require.NoError(t, err)
		_, err = files[0].Store(host, credentials.Credential{Username: to, Password: "p"})
		require.NoError(t, err)
	}
	for ref, user := range map[string]string{"localhost:5000/a/b": "docker", "busybox": "containers", "quay.io/x/y": ""} {
		repo, err := name.NewRepository(ref)
		require.NoError(t, err)
		found, err := connect.Keychain(env).Resolve(repo)
		require.NoError(t, err)
		conf, err := found.Authorization()
		require.NoError(t, err)
		require.Equal(t, user, conf.Username, ref)
		require.Equal(t, user == "", found == authn.Anonymous, ref)
	}
}
