package platform

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseS3Keys(t *testing.T) {
	for _, c := range []struct{ file, access, secret string }{
		{"[default]\naws_access_key_id = a\naws_secret_access_key = b=c/d+\n", "a", "b=c/d+"},
		{"# mine\r\n[other]\r\naws_access_key_id=x\r\naws_secret_access_key=y\r\n\r\n[default]\r\nAWS_ACCESS_KEY_ID=a\r\naws_secret_access_key=b\r\n", "a", "b"},
		{"[only]\naws_access_key_id=x\nregion = eu\naws_secret_access_key=y\n", "x", "y"},
		{"[default]\naws_access_key_id = a\n", "", ""},
		{"[default]\n; aws_access_key_id = a\naws_secret_access_key = b\n", "", ""},
		{"", "", ""},
	} {
		access, secret, err := ParseS3Keys([]byte(c.file))
		require.Equal(t, c.access == "", err != nil, c.file)
		require.Equal(t, c.access, access)
		require.Equal(t, c.secret, secret)
	}
}

func FuzzParseS3Keys(f *testing.F) {
	f.Add([]byte("[default]\naws_access_key_id = a\naws_secret_access_key = b\n"))
	f.Add([]byte("[[]\n=\n[]"))
	f.Fuzz(func(t *testing.T, file []byte) {
		access, secret, err := ParseS3Keys(file)
		require.Equal(t, err == nil, access != "" && secret != "")
	})
}
