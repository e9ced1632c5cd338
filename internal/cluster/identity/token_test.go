package identity

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestJWTExpiry(t *testing.T) {
	jwt := func(claims string) string { return "x." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".y" }
	for token, want := range map[string]time.Time{
		jwt(`{"exp":1000000000}`):   time.Unix(1000000000, 0),
		jwt(`{"exp":1.0e9}`):        time.Unix(1000000000, 0),
		jwt(`{"exp":1e300}`):        {},
		jwt(`{"exp":-1}`):           {},
		jwt(`{"exp":"1000000000"}`): {},
		jwt(`{}`):                   {},
		"sha256~opaque":             {},
		"a.%%%.b":                   {},
		"":                          {},
	} {
		got, ok := jwtExpiry(token)
		require.Equal(t, !want.IsZero(), ok, token)
		require.True(t, want.Equal(got), token)
	}
}

func FuzzJWTExpiry(f *testing.F) {
	f.Add("x.eyJleHAiOjF9.y")
	f.Fuzz(func(t *testing.T, token string) {
		if end, ok := jwtExpiry(token); ok {
			require.True(t, end.After(time.Unix(0, 0).Add(-time.Second)))
		}
	})
}
