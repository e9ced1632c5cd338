package cluster_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"testing"
	"time"

	"github.com/regctl/regctl/e2e/cluster"
	"github.com/stretchr/testify/require"
)

// patience is the limit of what takes a second on an idle machine: no test passes or
// fails by time, unless something hangs.
const (
	patience = 2 * time.Minute
	tick     = 100 * time.Millisecond
)

// built is the folder with Kubernetes' programs, which are built where they are missing.
func built(t *testing.T, programs ...string) string {
	t.Helper()
	cache, err := cluster.CacheDir()
	require.NoError(t, err)
	dir, err := cluster.Build(t.Context(), cache, func(what string) { t.Log(what) }, programs...)
	require.NoError(t, err)
	return dir
}

func trusting(t *testing.T, ca []byte) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(ca))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true}
	return &http.Client{Transport: transport}
}
