package trust

import (
	"testing"

	"github.com/pelletier/go-toml/v2"
	"github.com/stretchr/testify/require"
)

const mirrors = `# mirrors of ours
server = "https://reg.lan:5000"

[host."https://mirror.lan"]
  capabilities = ["pull"]

[host."https://reg.lan:5000"]
  capabilities = ["pull", "resolve", "push"]
`

func TestHostsTomlOfOthersIsEditedAndPutBack(t *testing.T) {
	for _, c := range []struct{ name, in, line, want string }{
		{"a table of the host", mirrors, caLine, mirrors[:len(mirrors)-len("  capabilities = [\"pull\", \"resolve\", \"push\"]\n")] +
			"  ca = \"ca.crt\" # by regctl trust\n  capabilities = [\"pull\", \"resolve\", \"push\"]\n"},
		{"no table", "[host.\"https://mirror.lan\"]\nskip_verify = true\n", caLine, "ca = \"ca.crt\" # by regctl trust\n[host.\"https://mirror.lan\"]\nskip_verify = true\n"},
		{"no line end", "[host.'https://reg.lan:5000']", skipLine, "[host.'https://reg.lan:5000']\n  skip_verify = true # by regctl trust\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := editHosts([]byte(c.in), "reg.lan:5000", c.line)
			require.NoError(t, err)
			require.Equal(t, c.want, string(got))
			again, err := editHosts(got, "reg.lan:5000", c.line)
			require.NoError(t, err)
			require.Equal(t, string(got), string(again))
			conf, err := parseHosts(got)
			require.NoError(t, err)
			part := conf.of("reg.lan:5000")
			require.True(t, part.SkipVerify || part.cas("/d")[0] == "/d/ca.crt")
		})
	}
	added, err := editHosts([]byte(mirrors), "reg.lan:5000", caLine)
	require.NoError(t, err)
	require.Equal(t, mirrors, string(stripHosts(added, false)))
}

func TestHostsTomlIsRefusedWhereAnEditWouldGuess(t *testing.T) {
	for in, want := range map[string]string{
		"server = ":                      "line 1, column 9: ",
		"server = \"https://other.lan\"": "it sends reg.lan:5000 to https://other.lan, which is the one to be trusted",
		"ca = \"/etc/other.pem\"":        "it has another ca for reg.lan:5000",
		"[host]\n\"https://reg.lan:5000\" = {override_path = true}": "the table of https://reg.lan:5000 is not written in the usual form",
	} {
		_, err := editHosts([]byte(in), "reg.lan:5000", caLine)
		require.ErrorContains(t, err, want, in)
	}
	_, err := editHosts([]byte("server = \"https://reg.lan:5000\""), "reg.lan:5000", skipLine)
	require.ErrorContains(t, err, `it has no table [host."https://reg.lan:5000"]`)
}

// FuzzHostsToml: what comes back parses, trusts the CA, and can be put back.
func FuzzHostsToml(f *testing.F) {
	for _, s := range []string{mirrors, "", "server = 1", "ca = [\"a\", [\"b\"]]", "[host]\n", "x = \"\"\"\n[host.\"https://reg.lan:5000\"]\n\"\"\"\n[host.\"https://reg.lan:5000\"]\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := editHosts(b, "reg.lan:5000", caLine)
		if err != nil {
			return
		}
		conf, err := parseHosts(got)
		require.NoError(t, err)
		require.Contains(t, conf.of("reg.lan:5000").cas("/d"), "/d/ca.crt")
		require.NoError(t, toml.Unmarshal(stripHosts(got, false), &map[string]any{}))
	})
}
