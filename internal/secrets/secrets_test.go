package secrets_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/regctl/regctl/internal/secrets"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
)

func TestDetect(t *testing.T) {
	for keys, want := range map[string]string{
		".dockercfg": secrets.Dockercfg, ".dockerconfigjson": secrets.DockerConfigJSON, ".dockercfg a": secrets.Opaque,
		"registry.crt registry.key": secrets.Opaque, "tls.crt tls.key": secrets.TLS, "tls.crt tls.key ca.crt": secrets.TLS,
		"tls.crt tls.key other": secrets.Opaque, "tls.crt": secrets.Opaque, "ssh-privatekey": secrets.Opaque,
	} {
		d := secrets.Data{}
		for key := range strings.FieldsSeq(keys) {
			d[key] = nil
		}
		require.Equal(t, want, secrets.Detect(d), keys)
	}
}

func TestConvertDocker(t *testing.T) {
	const old, modern = `{"host:5000":{"auth":"YTpi"}}`, `{"auths":{"host:5000":{"auth":"YTpi"}}}`
	for _, from := range []string{old, modern} {
		d, err := secrets.ConvertDocker(secrets.Dockercfg, []byte(from))
		require.NoError(t, err)
		require.JSONEq(t, old, string(d[".dockercfg"]))
		d, err = secrets.ConvertDocker(secrets.DockerConfigJSON, []byte(from))
		require.NoError(t, err)
		require.JSONEq(t, modern, string(d[".dockerconfigjson"]))
	}
}

func TestConvertDockerRefuses(t *testing.T) {
	for content, want := range map[string]string{
		``:                                   "not a JSON object",
		`[]`:                                 "not a JSON object",
		`null`:                               "not a JSON object",
		`{}`:                                 "no credentials found",
		`{"auths":{}}`:                       "no credentials found",
		`{"auths":[]}`:                       "auths is not a JSON object",
		`{"auths":{"h":{}}}`:                 "no credentials found",
		`{"credsStore":"pass"}`:              "credential helper",
		`{"credHelpers":{"h":"pass"}}`:       "credential helper",
		`{"auths":{"h":{"auth":"%"}}}`:       "h: auth is not base64",
		`{"auths":{"h":{"auth":"YQ=="}}}`:    "h: auth is not USER:PASSWORD",
		`{"auths":{"h":null}}`:               "h: not a JSON object",
		`{"apiVersion":"v1","kind":"Thing"}`: "apiVersion: not a JSON object",
	} {
		_, err := secrets.ConvertDocker(secrets.DockerConfigJSON, []byte(content))
		require.ErrorContains(t, err, want, content)
	}
}

func TestCheckSSH(t *testing.T) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	open, err := ssh.MarshalPrivateKey(key, "")
	require.NoError(t, err)
	locked, err := ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte("secret"))
	require.NoError(t, err)
	sshPublic, err := ssh.NewPublicKey(public)
	require.NoError(t, err)
	check := func(content []byte) error {
		_, err := secrets.Check(secrets.SSHAuth, secrets.Data{"ssh-privatekey": content})
		return err
	}
	require.NoError(t, check(pem.EncodeToMemory(open)))
	require.ErrorContains(t, check(pem.EncodeToMemory(locked)), "passphrase")
	require.ErrorContains(t, check(ssh.MarshalAuthorizedKey(sshPublic)), "public key")
	require.ErrorContains(t, check([]byte("text")), "not a private key")
}

func TestCheckSize(t *testing.T) {
	half := bytes.Repeat([]byte("a"), secrets.MaxSize/2)
	_, err := secrets.Check(secrets.Opaque, secrets.Data{"a": half, "b": half})
	require.NoError(t, err)
	_, err = secrets.Check(secrets.Opaque, secrets.Data{"a": half, "b": half, "c": []byte("c")})
	require.ErrorContains(t, err, "exceed the limit")
}

func TestCheckName(t *testing.T) {
	for _, good := range []string{"a", "a-b", "a.b", "0"} {
		require.NoError(t, secrets.CheckName(good), good)
	}
	for _, bad := range []string{"", "A", "a_b", "-a", "a-", "a..b", ".a", "a/b", "ä", strings.Repeat("a", 254)} {
		err := secrets.CheckName(bad)
		require.Error(t, err, bad)
		require.Equal(t, hint.Usage, hint.CodeOf(err))
	}
}

func TestLinkTwiceIsOnce(t *testing.T) {
	account := map[string]any{"secrets": []any{map[string]any{"name": "old"}}}
	said, err := secrets.Link(account, []string{"a", "b"}, []string{secrets.MountList, secrets.PullList})
	require.NoError(t, err)
	require.Equal(t, []string{"secret/a linked for mount", "secret/b linked for mount", "secret/a linked for pull", "secret/b linked for pull"}, said)
	said, err = secrets.Link(account, []string{"a"}, []string{secrets.MountList})
	require.NoError(t, err)
	require.Equal(t, []string{"secret/a is already linked for mount"}, said)
	require.Len(t, account["secrets"], 3)
	require.Empty(t, secrets.Unlink(account, []string{"a", "b"}))
	require.Equal(t, []string{"a"}, secrets.Unlink(account, []string{"old", "a"}))
	require.Empty(t, account, "an empty list is no list")
}

func FuzzConvertDocker(f *testing.F) {
	f.Add([]byte(`{"auths":{"h":{"auth":"YTpi"}}}`))
	f.Add([]byte(`{"h":{"username":"a"}}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		d, err := secrets.ConvertDocker(secrets.DockerConfigJSON, content)
		if err != nil {
			return
		}
		again, err := secrets.ConvertDocker(secrets.DockerConfigJSON, d[".dockerconfigjson"])
		require.NoError(t, err)
		require.Equal(t, d, again)
	})
}
