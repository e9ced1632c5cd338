package certs_test

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/stretchr/testify/require"
)

func TestNames(t *testing.T) {
	n, err := certs.ParseNames([]string{"B.example.com", " 10.0.0.5", "b.example.com", "::1", "*.apps.a", "my_host", "::ffff:10.0.0.5"})
	require.NoError(t, err)
	require.Equal(t, []string{"b.example.com", "10.0.0.5", "::1", "*.apps.a", "my_host"}, n.All)
	require.Equal(t, []string{"b.example.com", "*.apps.a", "my_host"}, n.DNS)
	require.Len(t, n.IP, 2)
}

func TestBadNames(t *testing.T) {
	const like = "write it as in registry.example.com or 10.0.0.5"
	for name, advice := range map[string]string{
		"https://reg.example.com:5000/v2/":   "write reg.example.com",
		"https://[::1]:5000/v2/":             "write ::1",
		"reg.example.com/project":            "write reg.example.com",
		"reg:5000":                           "write reg",
		"10.0.0.5:5000":                      "write 10.0.0.5",
		"[::1]":                              "write ::1",
		"[::1]:5000":                         "write ::1",
		"host.":                              "write host",
		"10.0.0.300":                         like,
		"10.0.0.0/8":                         "specify each address, or a host name",
		"a b":                                "--hostnames a,b",
		"a.example.com; b.example.com":       "--hostnames a.example.com,b.example.com",
		"a..b":                               like,
		"*":                                  "write it as in *.example.com",
		"a.*.b":                              "write it as in *.example.com",
		"*.*.b":                              "write it as in *.example.com",
		"www*.example.com":                   "write it as in *.example.com",
		"-a":                                 like,
		"fe80::1%eth0":                       "write fe80::1",
		"bücher.example":                     "write xn--bcher-kva.example",
		"*.bücher.example":                   "write *.xn--bcher-kva.example",
		"\u202e.example":                     like,
		strings.Repeat("a", 64) + ".example": like,
		strings.Repeat("a.", 127):            "write " + strings.Repeat("a.", 126) + "a",
		strings.Repeat("a.", 127) + "a":      like,
	} {
		_, err := certs.ParseNames([]string{"good.example.com", name})
		require.Error(t, err, name)
		require.Equal(t, hint.Usage, hint.CodeOf(err), name)
		require.Equal(t, advice, hint.Of(err), name)
	}
	for _, none := range [][]string{nil, {}, {""}, {"a", ""}, {"", "a"}} {
		_, err := certs.ParseNames(none)
		require.Equal(t, hint.Usage, hint.CodeOf(err))
	}
}

func FuzzParseNames(f *testing.F) {
	for _, s := range []string{"a.b", "10.0.0.1", "::1", "*.x", "https://a/b", "[::1]:5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		n, err := certs.ParseNames([]string{name})
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		again, err := certs.ParseNames(n.All)
		require.NoError(t, err)
		require.Equal(t, n, again)
	})
}

// sample is a CA's certificate, a key, a request-shaped text: seeds of the fuzz tests.
func sample(f *testing.F) (cert, key []byte) {
	f.Helper()
	files, _ := paths(f.TempDir())
	_, _, err := certs.EnsureCA(files, "seed", at(now))
	require.NoError(f, err)
	cert, err = os.ReadFile(files.Cert)
	require.NoError(f, err)
	key, err = os.ReadFile(files.Key)
	require.NoError(f, err)
	return cert, key
}

func FuzzParseChain(f *testing.F) {
	cert, key := sample(f)
	f.Add(cert)
	f.Add(append(append([]byte("text\n"), key...), cert...))
	f.Add(key)
	f.Fuzz(func(t *testing.T, text []byte) {
		chain, err := certs.ParseChain(text)
		require.Equal(t, err == nil, len(chain) > 0)
		require.Len(t, certs.Describe(chain, now), len(chain))
	})
}

func FuzzParseKey(f *testing.F) {
	cert, key := sample(f)
	f.Add(key)
	f.Add(append(cert, key...))
	f.Add([]byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := certs.ParseKey(text)
		require.Equal(t, err == nil, got != nil)
	})
}

func FuzzParseRequest(f *testing.F) {
	cert, key := sample(f)
	f.Add(cert)
	f.Add(key)
	f.Add([]byte("-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		req, err := certs.ParseRequest(text)
		require.Equal(t, err == nil, req != nil)
	})
}

func FuzzDecryptString(f *testing.F) {
	key := []byte("0123456789abcdef0123456789abcdef")
	file := filepath.Join(f.TempDir(), "key")
	require.NoError(f, os.WriteFile(file, []byte("-----BEGIN ENCRYPTING KEY-----\nMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n-----END ENCRYPTING KEY-----\n"), 0o600))
	text, err := certs.Encrypt([]byte("secret"), certs.StringFiles{Key: file}, certs.Options{Rand: rand.Reader})
	require.NoError(f, err)
	plain, err := certs.DecryptString(text, key)
	require.NoError(f, err)
	require.Equal(f, "secret", string(plain))
	f.Add(text)
	f.Add([]byte("-----BEGIN ENCRYPTED STRING-----\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END ENCRYPTED STRING-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		plain, err := certs.DecryptString(text, key)
		if err != nil {
			require.Empty(t, plain)
		}
	})
}
