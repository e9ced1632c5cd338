package oauth

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSchemes(t *testing.T) {
	for header, want := range map[string][]string{
		`Basic realm="openshift"`:                            {"basic"},
		`Negotiate, Basic realm="openshift"`:                 {"negotiate", "basic"},
		`Negotiate YII=`:                                     {"negotiate"},
		`Bearer realm="https://h/openshift/token",service=x`: {"bearer"},
		`Digest realm="a, Basic b", qop="auth"`:              {"digest"},
		`Basic realm="with \" quote", charset="UTF-8"`:       {"basic"},
		``: nil,
	} {
		require.Equal(t, want, schemes([]string{header}), header)
	}
	require.Equal(t, []string{"negotiate", "basic"}, schemes([]string{"Negotiate", `Basic realm="x"`}))
}

func TestTokenRealm(t *testing.T) {
	for header, want := range map[string]bool{
		`Bearer realm="https://registry.example.com/openshift/token"`:           true,
		`Bearer realm=http://172.30.1.1:5000/openshift/token`:                   true,
		`Bearer service="x", Realm = "https://r/openshift/token",scope="a,b:c"`: true,
		`Bearer realm="https://auth.example.com/token",service="openshift"`:     false,
		`Basic realm="openshift"`: false,
	} {
		require.Equal(t, want, tokenRealm([]string{header}), header)
	}
}

func TestLooksLikeToken(t *testing.T) {
	for password, want := range map[string]bool{
		"sha256~AbCd": true, "eyJhbGciOi.eyJpc3MiOi.c2ln": true, strings.Repeat("aB3-_xy", 6) + "z": true,
		"secret": false, "correct horse battery staple and a few more": false, "a.b.c": false, "": false,
	} {
		require.Equal(t, want, LooksLikeToken(password), password)
	}
}

func TestAnswerOfTheServer(t *testing.T) {
	for address, want := range map[string]string{
		"https://o/oauth/token/implicit?code=a%2Bb":                         "a+b",
		"https://o/oauth/token/implicit#access_token=x-_y&token_type=B":     "",
		"https://o/oauth/token/implicit?error=access_denied":                "access_denied",
		"https://o/oauth/token/implicit?code=x&error_description=d&error=e": "d",
		"https://o/oauth/token/implicit":                                    "neither",
	} {
		u, err := url.Parse(address)
		require.NoError(t, err)
		got, err := read("o", u, "code")
		if err != nil {
			got = err.Error()
		}
		require.Contains(t, got, want, address)
	}
	u, err := url.Parse("https://o/oauth/token/implicit#access_token=x-_%7Ey&token_type=B")
	require.NoError(t, err)
	token, err := read("o", u, "access_token")
	require.NoError(t, err)
	require.Equal(t, "x-_~y", token)
}

// FuzzChallenge: any header is parsed without a crash, and every scheme is a bare word.
func FuzzChallenge(f *testing.F) {
	for _, seed := range []string{`Negotiate, Basic realm="openshift"`, `Bearer realm="https://h/openshift/token",scope="a,b"`, `x="\",y`, `,,"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		for _, s := range schemes([]string{header}) {
			require.NotContains(t, s, "=")
			require.NotEmpty(t, s)
		}
		require.Equal(t, header, strings.Join(commas(header), ","))
		tokenRealm([]string{header})
	})
}

// FuzzAnswer: any redirect is read without a crash, and gives a value or an error.
func FuzzAnswer(f *testing.F) {
	f.Add("https://o/oauth/token/implicit?code=a#access_token=b")
	f.Add("?error=%zz#%")
	f.Fuzz(func(t *testing.T, address string) {
		u, err := url.Parse(address)
		if err != nil {
			return
		}
		value, err := read("o", u, "code")
		require.Equal(t, err == nil, value != "")
	})
}
