package certs_test

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/regctl/regctl/pkg/certs"
	"github.com/stretchr/testify/require"
)

// now is in the middle of a day, so that no test depends on when it runs.
var now = time.Date(2030, 6, 15, 12, 0, 0, 0, time.UTC)

func at(t time.Time) certs.Options {
	return certs.Options{Now: func() time.Time { return t }, Rand: rand.Reader}
}

func paths(dir string) (certs.CAFiles, certs.PairFiles) {
	p := func(name string) string { return filepath.Join(dir, name) }
	return certs.CAFiles{Cert: p("ca.crt"), Key: p("ca.key"), Serial: p("ca.serial.txt")}, certs.PairFiles{Cert: p("server.crt"), Key: p("server.key")}
}

func newCA(t *testing.T) (*certs.CA, certs.CAFiles, certs.PairFiles) {
	t.Helper()
	files, pair := paths(t.TempDir())
	ca, made, err := certs.EnsureCA(files, "test-signer", at(now))
	require.NoError(t, err)
	require.True(t, made)
	return ca, files, pair
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Mode().Perm()
}

func TestTheFirstServerPair(t *testing.T) {
	ca, files, pair := newCA(t)
	require.Equal(t, "00\n", read(t, files.Serial))
	made, why, err := ca.EnsureServer(pair, []string{"registry.example.com", "10.0.0.5", "::1", "*.apps.example.com"}, at(now))
	require.NoError(t, err)
	require.True(t, made)
	require.Equal(t, "did not exist", why)
	require.Equal(t, "02\n", read(t, files.Serial))
	require.Equal(t, os.FileMode(0o600), mode(t, pair.Key))
	require.Equal(t, os.FileMode(0o644), mode(t, pair.Cert))
	loaded, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
	require.NoError(t, err)
	require.Len(t, loaded.Certificate, 2, "the signer's certificate follows the leaf")
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(ca.PEM()))
	for _, name := range []string{"registry.example.com", "10.0.0.5", "::1", "x.apps.example.com"} {
		_, err := loaded.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: now})
		require.NoError(t, err, name)
	}
	require.Equal(t, "registry.example.com", loaded.Leaf.Subject.CommonName)
	require.Equal(t, now.AddDate(0, 0, 730), loaded.Leaf.NotAfter)
}

func TestAPairStaysWhileItIsGood(t *testing.T) {
	ca, files, pair := newCA(t)
	names := []string{"b.example.com", "a.example.com", "10.0.0.5"}
	_, err := ca.CreateServer(pair, names, at(now))
	require.NoError(t, err)
	before := read(t, pair.Cert) + read(t, pair.Key)
	made, why, err := ca.EnsureServer(pair, []string{"10.0.0.5", "A.example.com"}, at(now))
	require.NoError(t, err)
	require.False(t, made)
	require.Equal(t, "valid", why)
	require.Equal(t, before, read(t, pair.Cert)+read(t, pair.Key))
	require.Equal(t, "02\n", read(t, files.Serial))
}

func TestPairIsReplaced(t *testing.T) {
	names := []string{"a.example.com"}
	for name, c := range map[string]struct {
		change func(t *testing.T, ca *certs.CA, pair certs.PairFiles) *certs.CA
		names  []string
		at     time.Time
		why    string
	}{
		"a name is missing": {names: []string{"a.example.com", "10.0.0.9"}, why: "not valid for 10.0.0.9"},
		"expired":           {at: now.AddDate(2, 1, 0), why: "expired on 2032-06-14 12:00 UTC"},
		"expires soon":      {at: now.AddDate(0, 0, 701), why: "expires on 2032-06-14 12:00 UTC"},
		"another signer": {why: "not signed by CN=test-signer", change: func(t *testing.T, _ *certs.CA, _ certs.PairFiles) *certs.CA {
			t.Helper()
			other, _, _ := newCA(t)
			return other
		}},
		"another key": {why: "the key did not match the certificate", change: func(t *testing.T, ca *certs.CA, pair certs.PairFiles) *certs.CA {
			t.Helper()
			_, err := ca.CreateServer(certs.PairFiles{Cert: pair.Cert + "2", Key: pair.Key}, names, at(now))
			require.NoError(t, err)
			return ca
		}},
		"garbage": {why: ".crt: no certificate found", change: func(t *testing.T, ca *certs.CA, pair certs.PairFiles) *certs.CA {
			t.Helper()
			require.NoError(t, os.WriteFile(pair.Cert, []byte("garbage"), 0o644))
			return ca
		}},
	} {
		t.Run(name, func(t *testing.T) {
			ca, _, pair := newCA(t)
			_, err := ca.CreateServer(pair, names, at(now))
			require.NoError(t, err)
			if c.change != nil {
				ca = c.change(t, ca, pair)
			}
			if c.names == nil {
				c.names = names
			}
			if c.at.IsZero() {
				c.at = now
			}
			made, why, err := ca.EnsureServer(pair, c.names, at(c.at))
			require.NoError(t, err)
			require.True(t, made)
			require.Contains(t, why, c.why)
			_, err = tls.LoadX509KeyPair(pair.Cert, pair.Key)
			require.NoError(t, err)
			made, _, err = ca.EnsureServer(pair, c.names, at(c.at))
			require.NoError(t, err)
			require.False(t, made)
		})
	}
}

func TestASecondCallLoadsTheCA(t *testing.T) {
	ca, files, _ := newCA(t)
	again, made, err := certs.EnsureCA(files, "other", at(now))
	require.NoError(t, err)
	require.False(t, made)
	require.Equal(t, ca.PEM(), again.PEM())
	require.Equal(t, os.FileMode(0o600), mode(t, files.Key))
}
