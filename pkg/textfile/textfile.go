// Package textfile reads text files as other systems write them: in UTF-8 with or
// without a byte order mark, or in UTF-16 with one, as PowerShell's Out-File writes.
package textfile

import (
	"bytes"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

// Decode returns a text in UTF-8 without a byte order mark. encode turns an edited
// text back into the encoding of the original.
func Decode(b []byte) (text []byte, encode func([]byte) ([]byte, error), err error) {
	enc := encodingOf(b)
	text, err = enc.NewDecoder().Bytes(b)
	return text, enc.NewEncoder().Bytes, err
}

func encodingOf(b []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return unicode.UTF8BOM
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	return encoding.Nop
}
