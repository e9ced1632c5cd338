package textfile_test

import (
	"testing"

	"github.com/regctl/regctl/pkg/textfile"
	"github.com/stretchr/testify/require"
)

func TestDecodeAndEncode(t *testing.T) {
	for name, c := range map[string][2]string{
		"UTF-8":                  {"é\r\n", "é\r\n"},
		"UTF-8 with BOM":         {"\xef\xbb\xbfé\n", "é\n"},
		"UTF-16LE":               {"\xff\xfe\xe9\x00\n\x00", "é\n"},
		"UTF-16BE":               {"\xfe\xff\x00\xe9\x00\n", "é\n"},
		"empty":                  {"", ""},
		"other bytes stay as-is": {"\x30\x82\x00\xff", "\x30\x82\x00\xff"},
	} {
		t.Run(name, func(t *testing.T) {
			text, encode, err := textfile.Decode([]byte(c[0]))
			require.NoError(t, err)
			require.Equal(t, c[1], string(text))
			back, err := encode(text)
			require.NoError(t, err)
			require.Equal(t, c[0], string(back))
		})
	}
}
