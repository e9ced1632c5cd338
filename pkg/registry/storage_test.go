package registry_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/registry"
	"github.com/stretchr/testify/require"
)

func storageOf(t *testing.T, yml string) map[string]any {
	t.Helper()
	cfg, err := registry.ParseConfig([]byte("version: 0.1\nstorage: {"+yml+"}\n"), registry.Storage{})
	require.NoError(t, err)
	return cfg.Storage.Parameters()
}

// TestImpliedParameters: a config.yml of registry:2 has no type of Azure's credentials, and an
// empty variable is no directory.
func TestImpliedParameters(t *testing.T) {
	shared, identity := map[string]any{"type": "shared_key"}, map[string]any{"type": "default_credentials"}
	require.Equal(t, "/var/lib/registry", storageOf(t, "filesystem: {rootdirectory: }")["rootdirectory"])
	require.Equal(t, "/var/lib/registry", storageOf(t, "filesystem: ")["rootdirectory"])
	require.Equal(t, "/x", storageOf(t, "filesystem: {rootdirectory: /x}")["rootdirectory"])
	require.Equal(t, shared, storageOf(t, "azure: {accountname: a, accountkey: aGk=, container: c}")["credentials"])
	require.Equal(t, identity, storageOf(t, "azure: {accountname: a, container: c}")["credentials"])
	own := storageOf(t, "azure: {accountname: a, container: c, credentials: {type: client_secret, clientid: i, tenantid: t, secret: s}}")
	require.Equal(t, map[any]any{"type": "client_secret", "clientid": "i", "tenantid": "t", "secret": "s"}, own["credentials"])
	t.Setenv("AZURE_STORAGE_ACCOUNT", "other")
	t.Setenv("AZURE_STORAGE_KEY", "aGk=")
	p := storageOf(t, "azure: {container: c}")
	require.Equal(t, shared, p["credentials"])
	require.Equal(t, []any{"other", "aGk="}, []any{p["accountname"], p["accountkey"]})
	require.Equal(t, "a", storageOf(t, "azure: {accountname: a, container: c}")["accountname"], "the configuration comes first")
}

// TestAzureKeyMayComeFromAVariableBesideAURL: SetStorage keeps what a URL never has.
func TestAzureKeyMayComeFromAVariableBesideAURL(t *testing.T) {
	t.Setenv("REGISTRY_STORAGE_AZURE_ACCOUNTKEY", "aGk=")
	cfg, err := registry.ParseConfig(nil, registry.Files("/x"))
	require.NoError(t, err)
	s, err := registry.ParseStorage("azure://c/p?account=a")
	require.NoError(t, err)
	registry.SetStorage(cfg, s)
	require.Equal(t, map[string]any{"type": "shared_key"}, cfg.Storage.Parameters()["credentials"])
	require.Equal(t, "c", cfg.Storage.Parameters()["container"])
	require.Equal(t, "inmemory", cfg.Storage["cache"]["blobdescriptor"])
}

func TestStorageFormsNameEveryKind(t *testing.T) {
	t.Parallel()
	for _, k := range registry.StorageKinds() {
		require.Contains(t, registry.StorageForms(), k.Scheme+":")
	}
}

// azureServer answers every request as Azure documents it.
func azureServer(t *testing.T, status int, code string) registry.Storage {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Ms-Error-Code", code)
		w.WriteHeader(status)
		fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>no</Message></Error>`, code)
	}))
	t.Cleanup(server.Close)
	return registry.Storage{Kind: "azure", Parameters: map[string]any{
		"accountname": "a", "accountkey": "aGk=", "container": "c", "rootdirectory": "p", "serviceurl": server.URL + "/a", "max_retries": 1,
	}}
}

func TestAzureErrorsAreExplained(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status     int
		code, want string
		exit       int
	}{
		{http.StatusNotFound, "ContainerNotFound", "az storage container create --account-name a --name c --blob-endpoint http://", hint.Failed},
		{http.StatusForbidden, "AuthenticationFailed", "check that AZURE_STORAGE_KEY", hint.Denied},
		{http.StatusForbidden, "AuthorizationPermissionMismatch", "check that AZURE_STORAGE_KEY", hint.Denied},
		{http.StatusBadRequest, "InvalidUri", "check the account, container and endpoint", hint.Failed},
	} {
		t.Run(c.code, func(t *testing.T) {
			t.Parallel()
			s := azureServer(t, c.status, c.code)
			err := s.Check(t.Context(), false)
			require.ErrorContains(t, err, "storage azure container c at http://")
			require.ErrorContains(t, err, c.code+fmt.Sprintf(" (HTTP %d)", c.status))
			require.Contains(t, hint.Of(err), c.want)
			require.Equal(t, c.exit, hint.CodeOf(err))
			_, err = (&registry.Probe{Storage: s, Name: "probe"}).Run(t.Context())
			require.ErrorContains(t, err, c.code, "the check says the same")
		})
	}
}
