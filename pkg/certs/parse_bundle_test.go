package certs_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/regctl/regctl/pkg/certs"
	"github.com/stretchr/testify/require"
)

// threeCAs are the PEM texts of three CAs.
func threeCAs(t *testing.T) (a, b, c string) {
	t.Helper()
	var list [3]string
	for i := range list {
		files, _ := paths(t.TempDir())
		ca, err := certs.CreateCA(files, string(rune('a'+i)), at(now))
		require.NoError(t, err)
		list[i] = string(ca.PEM())
	}
	return list[0], list[1], list[2]
}

func commonNames(chain []*x509.Certificate) string {
	var names strings.Builder
	for _, c := range chain {
		names.WriteString(c.Subject.CommonName)
	}
	return names.String()
}

func TestBundlesAreReadInFull(t *testing.T) {
	a, b, c := threeCAs(t)
	indent := func(s string) string { return "  " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n\t") + "\n" }
	for name, text := range map[string]string{
		"as is":              a + b + c,
		"no newline between": a + strings.TrimSpace(b) + c,
		"text glued before":  "subject=CN=a" + a + "issuer=b" + strings.TrimSpace(b) + "# c" + c,
		"byte order mark":    "\xef\xbb\xbf" + a + b + c,
		"indented":           a + indent(b) + c,
		"CRLF":               strings.ReplaceAll(a+b+c, "\n", "\r\n"),
		"CR":                 strings.ReplaceAll(a+b+c, "\n", "\r"),
		"text between":       "# first\n" + a + "\nsubject=CN = b\n--- not a marker ---\n" + b + "\n\n" + c + "end",
		"old block type":     a + strings.ReplaceAll(b, " CERTIFICATE", " X509 CERTIFICATE") + c,
	} {
		chain, err := certs.ParseChain([]byte(text))
		require.NoError(t, err, name)
		require.Equal(t, "abc", commonNames(chain), name)
	}
}

func TestBundlesThatAreDamagedAreErrors(t *testing.T) {
	a, b, c := threeCAs(t)
	lines := strings.SplitAfter(b, "\n")
	cut := strings.Join(lines[:5], "")
	line := fmt.Sprintf("line %d", strings.Count(a, "\n")+1) // where b begins
	for name, want := range map[string][2]string{
		"cut off":            {a + cut + c, line + ": CERTIFICATE is truncated: no END line"},
		"cut off at the end": {a + cut, line + ": CERTIFICATE is truncated: no END line"},
		"bad base64":         {a + strings.Replace(b, lines[2], "!"+lines[2][1:], 1) + c, line + ": CERTIFICATE is corrupted"},
		"bad DER":            {a + strings.Replace(b, lines[2], "AAAA"+lines[2][4:], 1) + c, "certificate 2 (" + line + "): x509: "},
		"no BEGIN line":      {a + strings.Join(lines[1:], "") + c, "END CERTIFICATE without its BEGIN line"},
		"wrong END line":     {a + strings.Replace(b, "END CERTIFICATE", "END FOO", 1) + c, "END FOO without its BEGIN line"},
		"a dash too few":     {a + b[1:] + c, line + ": malformed BEGIN or END line"},
		"lower case":         {a + strings.Replace(b, "BEGIN", "begin", 1) + c, line + ": malformed BEGIN or END line"},
		"another block only": {"-----BEGIN FOO-----\nAAAA\n-----END FOO-----\n", "no certificate found"},
		"empty":              {"", "no certificate found"},
	} {
		_, err := certs.ParseChain([]byte(want[0]))
		require.ErrorContains(t, err, want[1], name)
	}
}

// TestOpenSSLsTrustedCertificate: what follows the certificate says what it may be used for.
func TestOpenSSLsTrustedCertificate(t *testing.T) {
	a, _, _ := threeCAs(t)
	plain, _ := pem.Decode([]byte(a))
	type oids = []asn1.ObjectIdentifier
	server, email := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 1}, asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 4}
	for _, c := range []struct {
		name          string
		trust, reject oids
		ok            bool
	}{
		{"no settings", nil, nil, true},
		{"trusted for servers", oids{email, server}, nil, true},
		{"rejected for mail", nil, oids{email}, true},
		{"trusted for all", oids{{2, 5, 29, 37, 0}}, nil, true},
		{"trusted for mail alone", oids{email}, nil, false},
		{"rejected for servers", nil, oids{server}, false},
	} {
		aux, err := asn1.Marshal(struct {
			Trust  oids   `asn1:"optional,omitempty"`
			Reject oids   `asn1:"optional,omitempty,tag:0"`
			Alias  string `asn1:"utf8"`
		}{c.trust, c.reject, "name"})
		require.NoError(t, err)
		text := pem.EncodeToMemory(&pem.Block{Type: "TRUSTED CERTIFICATE", Bytes: append(bytes.Clone(plain.Bytes), aux...)})
		chain, err := certs.ParseChain(text)
		require.Equal(t, c.ok, err == nil, "%s: %v", c.name, err)
		if c.ok {
			require.Equal(t, plain.Bytes, chain[0].Raw)
		} else {
			require.EqualError(t, err, "certificate 1 (line 1): its trust settings do not include servers")
		}
	}
	_, err := certs.ParseChain(pem.EncodeToMemory(&pem.Block{Type: "TRUSTED CERTIFICATE", Bytes: append(bytes.Clone(plain.Bytes), 0x30, 0x05)}))
	require.ErrorContains(t, err, "malformed trust settings")
}

func TestDERIsReadToo(t *testing.T) {
	a, b, _ := threeCAs(t)
	first, _ := pem.Decode([]byte(a))
	second, _ := pem.Decode([]byte(b))
	chain, err := certs.ParseChain(append(bytes.Clone(first.Bytes), second.Bytes...))
	require.NoError(t, err)
	require.Equal(t, "ab", commonNames(chain))
	pool := x509.NewCertPool()
	require.NoError(t, certs.AddTo(pool, first.Bytes))
	require.True(t, pool.Equal(poolOf(chain[0])))
	require.Error(t, certs.AddTo(pool, first.Bytes[1:]))
}

func poolOf(list ...*x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, c := range list {
		pool.AddCert(c)
	}
	return pool
}

// TestKeyPairKeepsTheWholeChain where crypto/tls drops what is glued to the first certificate.
func TestKeyPairKeepsTheWholeChain(t *testing.T) {
	files, pair := paths(t.TempDir())
	ca, err := certs.CreateCA(files, "a", at(now))
	require.NoError(t, err)
	_, err = ca.CreateServer(pair, []string{"localhost"}, at(now))
	require.NoError(t, err)
	chain, key := read(t, pair.Cert), read(t, pair.Key)
	glued := strings.ReplaceAll(chain, "-----\n-----", "----------")
	require.NotEqual(t, chain, glued)
	lossy, err := tls.X509KeyPair([]byte(glued), []byte(key))
	if err == nil {
		require.Len(t, lossy.Certificate, 1)
	}
	for _, text := range []string{chain, glued, key + glued} {
		loaded, err := certs.KeyPair([]byte(text), []byte("\xef\xbb\xbf"+key))
		require.NoError(t, err)
		require.Len(t, loaded.Certificate, 2)
	}
	for want, texts := range map[string][2]string{
		"no private key found":                  {chain, chain},
		"no certificate found":                  {key, key},
		"line 1: EC PRIVATE KEY is truncated":   {chain, key[:60]},
		"private key does not match public key": {string(ca.PEM()), key},
	} {
		_, err := certs.KeyPair([]byte(texts[0]), []byte(texts[1]))
		require.ErrorContains(t, err, want)
	}
}

func TestExistingKeyPairsRequireOverwrite(t *testing.T) {
	dir := t.TempDir()
	files := certs.KeyPairFiles{Public: filepath.Join(dir, "pub"), Private: filepath.Join(dir, "key")}
	for i, c := range []struct {
		overwrite, made bool
	}{{false, true}, {false, false}, {true, true}} {
		made, err := certs.CreateKeyPair(files, c.overwrite, certs.ECDSA)
		require.NoError(t, err, i)
		require.Equal(t, c.made, made, i)
	}
	require.NoError(t, os.Remove(files.Private))
	_, err := certs.CreateKeyPair(files, false, certs.ECDSA)
	require.ErrorContains(t, err, "the other file of the pair is missing")
	made, err := certs.CreateKeyPair(files, true, certs.ECDSA)
	require.NoError(t, err)
	require.True(t, made)
}
