package printable_test

import (
	"encoding/json"
	"testing"

	"github.com/regctl/regctl/internal/printable"
	"github.com/stretchr/testify/require"
)

func TestTextAndLine(t *testing.T) {
	for in, want := range map[string][2]string{
		"plain, ä 日本 é \\ \" '": {"plain, ä 日本 é \\ \" '", "plain, ä 日本 é \\ \" '"},
		"a\x1b]0;pwn\x07b":      {`a\x1b]0;pwn\ab`, `a\x1b]0;pwn\ab`},
		"a\nb\tc":               {"a\nb\tc", `a\nb\tc`},
		"a\rb":                  {`a\rb`, `a\rb`},
		"\u009b31m":             {`\u009b31m`, `\u009b31m`},
		"\x7f":                  {`\x7f`, `\x7f`},
		"\xff\x9b31m\n":         {`\xff\x9b31m` + "\n", `\xff\x9b31m\n`},
		"safe\u202egnp.exe":     {`safe\u202egnp.exe`, `safe\u202egnp.exe`},
		"\u200b\u2028":          {`\u200b\u2028`, `\u200b\u2028`},
		"":                      {"", ""},
	} {
		require.Equal(t, want[0], printable.Text(in))
		require.Equal(t, want[1], printable.Line(in))
	}
}

func TestJSONKeepsTheData(t *testing.T) {
	for _, in := range []string{"plain ä 日本", "\x1b[31m", "\u009b31m", "\x7f", "a\u202eb", "\U000e0001", "\n\t", "\ufffd"} {
		doc, err := json.MarshalIndent(map[string]string{"a": in}, "", "  ")
		require.NoError(t, err)
		safe := printable.JSON(doc)
		var back map[string]string
		require.NoError(t, json.Unmarshal(safe, &back))
		require.Equal(t, in, back["a"])
		require.Equal(t, string(safe), printable.Text(string(safe)), "nothing is left to escape")
	}
}
