package certs

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func caIn(dir string) CAFiles {
	return CAFiles{Cert: filepath.Join(dir, "ca.crt"), Key: filepath.Join(dir, "ca.key"), Serial: filepath.Join(dir, "ca.srl")}
}

func contents(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}

// requireTrusted checks that clients that trust the CA's file verify a server with this pair.
func requireTrusted(t *testing.T, ca CAFiles, pair PairFiles, name string) {
	t.Helper()
	loaded, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM([]byte(contents(t, ca.Cert))))
	_, err = loaded.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots})
	require.NoError(t, err)
}

// Whoever makes the first CA can be killed after any number of its files.
func TestACAThatWasNotFinished(t *testing.T) {
	for written := range 4 {
		dir := t.TempDir()
		files, pair := caIn(dir), PairFiles{filepath.Join(dir, "s.crt"), filepath.Join(dir, "s.key")}
		key, text, err := newKey(ECDSA)
		require.NoError(t, err)
		begun, err := selfSigned(files, "first", key, Options{}.filled(CADays))
		require.NoError(t, err)
		require.NoError(t, commit(files.inOrder(text, begun.PEM())[:written]...))

		ca, made, err := EnsureCA(files, "second", Options{})
		require.NoError(t, err, "after %d files", written)
		require.Equal(t, written < 3, made)
		if written > 1 {
			require.Equal(t, string(text), contents(t, files.Key), "a key that is there stays")
		}
		require.Equal(t, "00\n", contents(t, files.Serial))
		_, err = ca.CreateServer(pair, []string{"a.example.com"}, Options{})
		require.NoError(t, err)
		requireTrusted(t, files, pair, "a.example.com")
	}
}

// An old CA is replaced: no half-way state gives a number of it twice, and the
// next attempt ends well.
func TestACAThatWasReplacedByHalf(t *testing.T) {
	for written := range 4 {
		dir := t.TempDir()
		files, pair := caIn(dir), PairFiles{filepath.Join(dir, "s.crt"), filepath.Join(dir, "s.key")}
		old, err := CreateCA(files, "old", Options{})
		require.NoError(t, err)
		_, err = old.CreateServer(pair, []string{"a.example.com"}, Options{})
		require.NoError(t, err)
		key, text, err := newKey(ECDSA)
		require.NoError(t, err)
		begun, err := selfSigned(files, "new", key, Options{}.filled(CADays))
		require.NoError(t, err)
		require.NoError(t, commit(files.inOrder(text, begun.PEM())[:written]...))
		require.Equal(t, written < 3, contents(t, files.Serial) == "02\n")

		ca, made, err := EnsureCA(files, "third", Options{})
		if written == 1 {
			require.ErrorContains(t, err, "does not match the certificate", "clients may trust it: never replaced silently")
			ca, err = CreateCA(files, "again", Options{})
		}
		require.NoError(t, err)
		require.False(t, made)
		made, _, err = ca.EnsureServer(pair, []string{"a.example.com"}, Options{})
		require.NoError(t, err)
		require.Equal(t, written > 0, made)
		requireTrusted(t, files, pair, "a.example.com")
	}
}

// A CA that has signed, or whose certificate exists, is in use somewhere.
func TestHalfACAThatIsInUse(t *testing.T) {
	for name, c := range map[string]struct{ lost, serial string }{
		"the key is lost":                           {"ca.key", "00\n"},
		"the certificate is lost":                   {"ca.crt", "02\n"},
		"the certificate is lost, numbers unknown":  {"ca.crt", "garbage"},
		"certificate and serial file do not belong": {"ca.crt", "-1"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			files := caIn(dir)
			_, err := CreateCA(files, "old", Options{})
			require.NoError(t, err)
			require.NoError(t, os.Remove(filepath.Join(dir, c.lost)))
			require.NoError(t, os.WriteFile(files.Serial, []byte(c.serial), 0o600))
			_, made, err := EnsureCA(files, "new", Options{})
			require.ErrorContains(t, err, c.lost+": no such file or directory")
			require.False(t, made)
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Len(t, left, 2)
		})
	}
}

// Whoever makes, or replaces, a pair can be killed after any number of its files.
func TestAPairThatWasNotFinished(t *testing.T) {
	for _, replaced := range []bool{false, true} {
		for written := range 4 {
			dir := t.TempDir()
			files, pair := caIn(dir), PairFiles{filepath.Join(dir, "s.crt"), filepath.Join(dir, "s.key")}
			ca, err := CreateCA(files, "ca", Options{})
			require.NoError(t, err)
			_, err = ca.CreateServer(pair, []string{"a.example.com"}, Options{})
			require.NoError(t, err)
			crt, key := contents(t, pair.Cert), contents(t, pair.Key)
			require.NoError(t, os.Remove(pair.Cert))
			require.NoError(t, os.Remove(pair.Key))
			if replaced {
				_, err = ca.CreateServer(pair, []string{"a.example.com"}, Options{})
				require.NoError(t, err)
			}
			begun := inOrder([]file{{files.Serial, []byte("10\n"), publicMode}}, []file{{pair.Key, []byte(key), privateMode}}, file{pair.Cert, []byte(crt), publicMode})
			require.NoError(t, commit(begun[:written]...))

			made, why, err := ca.EnsureServer(pair, []string{"a.example.com"}, Options{})
			require.NoError(t, err, "replaced %t, after %d files", replaced, written)
			require.Equal(t, !replaced && written < 3 || written == 2, made, why)
			if written >= 2 && !replaced {
				require.Equal(t, key, contents(t, pair.Key), "a key that is there stays")
			}
			requireTrusted(t, files, pair, "a.example.com")
		}
	}
}

func TestHalfAPair(t *testing.T) {
	dir := t.TempDir()
	files, pair := caIn(dir), PairFiles{filepath.Join(dir, "s.crt"), filepath.Join(dir, "s.key")}
	ca, err := CreateCA(files, "ca", Options{})
	require.NoError(t, err)
	_, err = ca.CreateServer(pair, []string{"a.example.com"}, Options{})
	require.NoError(t, err)

	require.NoError(t, os.Remove(pair.Key))
	made, why, err := ca.EnsureServer(pair, []string{"a.example.com"}, Options{})
	require.NoError(t, err)
	require.True(t, made)
	require.Equal(t, "the key was missing", why)
	requireTrusted(t, files, pair, "a.example.com")

	require.NoError(t, os.Remove(pair.Key))
	require.NoError(t, os.WriteFile(pair.Cert, []byte(contents(t, files.Cert)), 0o600))
	_, _, err = ca.EnsureServer(pair, []string{"a.example.com"}, Options{})
	require.ErrorContains(t, err, "s.key not found", "no server's certificate")

	require.NoError(t, os.Remove(pair.Cert))
	for text, want := range map[string]string{
		"garbage": "s.key: no private key found",
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n": "s.key: the key is encrypted with a passphrase",
	} {
		require.NoError(t, os.WriteFile(pair.Key, []byte(text), 0o600))
		_, _, err = ca.EnsureServer(pair, []string{"a.example.com"}, Options{})
		require.ErrorContains(t, err, want)
		require.Equal(t, text, contents(t, pair.Key), "it may be of use to somebody")
	}
}

// TestAKilledReplacementLeavesTheOldCA: CreateCA replaces the key first, then the certificate.
func TestAKilledReplacementLeavesTheOldCA(t *testing.T) {
	for written := range 6 { // backups of key and certificate, key, certificate, serial file
		dir := t.TempDir()
		files, pair := caIn(dir), PairFiles{filepath.Join(dir, "s.crt"), filepath.Join(dir, "s.key")}
		old, err := CreateCA(files, "old", Options{})
		require.NoError(t, err)
		key, text, err := newKey(ECDSA)
		require.NoError(t, err)
		next, err := selfSigned(files, "new", key, Options{}.filled(CADays))
		require.NoError(t, err)
		all, err := files.backup(time.Now())
		require.NoError(t, err)
		require.NoError(t, commit(append(all, files.inOrder(text, next.PEM())...)[:written]...))

		ca, err := LoadCA(files, time.Now())
		require.NoError(t, err, "after %d files", written)
		want := old
		if written > 3 {
			want = next
		}
		require.True(t, want.Cert().Equal(ca.Cert()), "after %d files", written)
		_, err = ca.CreateServer(pair, []string{"a.example.com"}, Options{})
		require.NoError(t, err)
		requireTrusted(t, files, pair, "a.example.com")
	}
}

func TestBackupsAreKeptOfEach(t *testing.T) {
	dir := t.TempDir()
	files := caIn(dir)
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for range 3 {
		_, err := CreateCA(files, "ca", Options{Now: func() time.Time { at = at.Add(time.Minute); return at }})
		require.NoError(t, err)
	}
	require.Len(t, Backups(files.Cert), 2)
	require.Len(t, Backups(files.Key), 2)
	info, err := os.Stat(Backups(files.Key)[0])
	require.NoError(t, err)
	require.Equal(t, privateMode, info.Mode())
	// a key of nobody is not recovered
	other, text, err := newKey(ECDSA)
	require.NoError(t, err)
	require.NotNil(t, other)
	for _, name := range append(Backups(files.Key), files.Key) {
		require.NoError(t, os.WriteFile(name, text, 0o600))
	}
	_, err = LoadCA(files, at)
	require.ErrorContains(t, err, "does not match the certificate")
}

func TestAWeakSignerIsWarnedOf(t *testing.T) {
	dir := t.TempDir()
	files := caIn(dir)
	key, err := rsa.GenerateKey(rand.Reader, 1024) //nolint:gosec // what old signers have
	require.NoError(t, err)
	text, err := encodeKey(key)
	require.NoError(t, err)
	ca, err := selfSigned(files, "weak", key, Options{}.filled(CADays))
	require.NoError(t, err)
	require.NoError(t, commit(files.inOrder(text, ca.PEM())...))
	ca, err = LoadCA(files, time.Now())
	require.NoError(t, err)
	require.Equal(t, 1024, ca.WeakBits())
	var said []string
	o := Options{Warn: func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }}
	_, err = ca.CreateServer(PairFiles{filepath.Join(dir, "s.crt"), filepath.Join(dir, "s.key")}, []string{"a.example.com"}, o)
	require.NoError(t, err)
	require.Len(t, said, 1)
	require.Contains(t, said[0], "RSA key has only 1024 bits")
}
