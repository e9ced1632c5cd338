package trust

import (
	"strings"
	"testing"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/stretchr/testify/require"
)

func TestHostsAreReadAsInAnImageReference(t *testing.T) {
	for in, want := range map[string][]string{
		"registry.lan":      {"registry.lan", "registry.lan:443"},
		"registry.lan:443":  {"registry.lan", "registry.lan:443"},
		"registry.lan:5000": {"registry.lan:5000"},
		"10.0.0.7:5000":     {"10.0.0.7:5000"},
		"[::1]:5000":        {"[::1]:5000"},
		"[fd00::7]":         {"[fd00::7]", "[fd00::7]:443"},
		"localhost":         {"localhost", "localhost:443"},
		"Registry.LAN:5000": {"Registry.LAN:5000", "registry.lan:5000"},
		"LocalHost":         {"LocalHost", "LocalHost:443", "localhost", "localhost:443"},
	} {
		h, err := ParseHost(in)
		require.NoError(t, err, in)
		require.Equal(t, want, h.Spellings(), in)
		require.Equal(t, in, h.String())
	}
	h, err := ParseHost("[::1]")
	require.NoError(t, err)
	require.Equal(t, "[::1]:443", h.Addr())
	require.Equal(t, "::1", h.ServerName())
}

func TestWhatIsNoHostIsRefusedWithTheRightSpelling(t *testing.T) {
	for in, advice := range map[string]string{
		"https://registry.lan:5000/v2/": "write it as registry.lan:5000",
		"registry.lan/team/app":         "write it as registry.lan",
		"me@registry.lan":               "write it as registry.lan",
		"registry.lan.":                 "write it as registry.lan",
		"registry.lan:":                 "write it as registry.lan",
		" registry.lan":                 "write it as registry.lan",
		"::1":                           "write it as [::1]",
		"../../etc":                     "give HOST or HOST:PORT, as at the start of an image reference",
		"..":                            "",
		"":                              "",
		"*.lan":                         "",
		"registry.lan:0":                "",
		"registry.lan:05000":            "",
		"registry.lan:70000":            "",
		"registry.lan:x":                "",
		"-a.lan":                        "",
		"a b":                           "",
		"[::1":                          "",
		"[::1]5000":                     "",
		"[10.0.0.1]":                    "",
		"a\x00b":                        "",
	} {
		_, err := ParseHost(in)
		require.Error(t, err, in)
		require.Equal(t, hint.Usage, hint.CodeOf(err), in)
		if advice != "" {
			require.Equal(t, advice, hint.Of(err), in)
		}
	}
}

func FuzzParseHost(f *testing.F) {
	for _, s := range []string{"registry.lan:5000", "[::1]:5000", "https://A/b", "..", "a:b:c", "[::1%eth0]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, err := ParseHost(s)
		if err != nil {
			require.NotEmpty(t, hint.Of(err))
			return
		}
		require.Equal(t, s, h.String())
		for _, spelling := range h.Spellings() {
			require.NotContains(t, spelling, "/")
			require.NotContains(t, spelling, "..")
			again, err := ParseHost(spelling)
			require.NoError(t, err)
			require.Equal(t, strings.ToLower(h.Name), strings.ToLower(again.Name))
		}
		require.NotContains(t, h.fileName(), ":")
	})
}
