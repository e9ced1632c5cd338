package connect

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/stretchr/testify/require"
)

// someone is a user with a home of their own.
func someone(t *testing.T) *cmdutil.Env {
	t.Helper()
	home := t.TempDir()
	return &cmdutil.Env{
		In: &os.File{}, Out: io.Discard, Err: io.Discard, Now: time.Now, UID: 1000,
		Lookup: func(name string) (string, bool) { v, ok := map[string]string{"HOME": home}[name]; return v, ok },
	}
}

func tlsServer(t *testing.T) (host string, ca []byte) {
	t.Helper()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String(), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
}

func get(t *testing.T, e *cmdutil.Env, host, caFile string, insecure bool) error {
	t.Helper()
	tr, err := Transport(e, host, caFile, insecure)
	require.NoError(t, err)
	defer tr.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+host, nil)
	require.NoError(t, err)
	resp, err := tr.RoundTrip(req)
	if err == nil {
		resp.Body.Close()
	}
	return ExplainTLS(host, err)
}

func TestTransportBelievesWhatIsTrusted(t *testing.T) {
	e := someone(t)
	host, ca := tlsServer(t)
	err := get(t, e, host, "", false)
	require.ErrorContains(t, err, host+": x509: certificate signed by unknown authority")
	require.Equal(t, "regctl trust add "+host+" --from-server", hint.Of(err))
	require.NoError(t, get(t, e, host, "", true))

	file := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, ca, 0o600))
	require.NoError(t, get(t, e, host, file, false))
	require.Error(t, get(t, e, host, "", false), "the CA of one call is not kept")

	for _, dir := range []string{".config/docker/certs.d", ".config/containers/certs.d"} {
		e := someone(t)
		folder := filepath.Join(e.Home(), dir, host)
		require.NoError(t, os.MkdirAll(folder, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "any.crt"), ca, 0o600))
		require.NoError(t, get(t, e, host, "", false))
		other, _ := tlsServer(t)
		require.NoError(t, os.Rename(folder, filepath.Join(e.Home(), dir, other)))
		require.Error(t, get(t, e, host, "", false), "the folder of another port")
	}
}

func TestTransportShowsTheClientCertificate(t *testing.T) {
	e := someone(t)
	folder := filepath.Join(e.Home(), ".config/containers/certs.d/reg.lan:5000")
	require.NoError(t, os.MkdirAll(folder, 0o700))
	dir := t.TempDir()
	ca, err := certs.CreateCA(certs.CAFiles{Cert: dir + "/ca.crt", Key: dir + "/ca.key"}, "CA", certs.Options{})
	require.NoError(t, err)
	_, err = ca.CreateServer(certs.PairFiles{Cert: folder + "/me.cert", Key: folder + "/me.key"}, []string{"me"}, certs.Options{})
	require.NoError(t, err)
	tr, err := Transport(e, "reg.lan:5000", "", false)
	require.NoError(t, err)
	require.Len(t, tr.TLSClientConfig.Certificates, 1)

	require.NoError(t, os.Remove(folder+"/me.key"))
	_, err = Transport(e, "reg.lan:5000", "", false)
	require.EqualError(t, err, folder+"/me.cert: a client certificate without its key me.key")
	require.Contains(t, hint.Of(err), "mv "+folder+"/me.cert")
	_, err = Transport(e, "reg.lan:5001", "", false)
	require.NoError(t, err)
}

func TestExplainTLSLeavesOtherErrorsAlone(t *testing.T) {
	require.NoError(t, ExplainTLS("h", nil))
	require.Equal(t, io.EOF, ExplainTLS("h", io.EOF))
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	host := s.Listener.Addr().String()
	err := get(t, someone(t), host, "", false)
	require.EqualError(t, err, host+": the server does not use TLS: it serves plain HTTP, or is another service")
}

func TestTrustHostWritesForTheUserAndSaysWhere(t *testing.T) {
	e := someone(t)
	host, ca := tlsServer(t)
	for range 2 {
		places, err := TrustHost(t.Context(), e, []string{host, "[::1]:5000"}, ca, false)
		require.NoError(t, err)
		require.Len(t, places, 4)
		require.FileExists(t, places[0])
	}
	require.NoError(t, get(t, e, host, "", false))
}
