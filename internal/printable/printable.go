// Package printable makes text of strangers safe to show: an escape sequence in a
// tag, a label or the error of a registry must not reach the reader's terminal, and
// a line break in it must not look like a second line.
package printable

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Text returns s with everything escaped that is not visible, such as \x1b or
// \u202e, but line breaks and tabs. It is for messages, which may have several lines.
func Text(s string) string { return escape(s, "\n\t") }

// Line returns s with everything escaped that is not visible, also line breaks and
// tabs. It is for one value: a name, a cell of a table.
func Line(s string) string { return escape(s, "") }

func escape(s, keep string) string {
	var out strings.Builder
	for len(s) > 0 {
		switch r, size := utf8.DecodeRuneInString(s); {
		case r == utf8.RuneError && size == 1: // not UTF-8
			fmt.Fprintf(&out, `\x%02x`, s[0])
			s = s[1:]
		default:
			if unicode.IsGraphic(r) || strings.ContainsRune(keep, r) {
				out.WriteRune(r)
			} else {
				out.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
			}
			s = s[size:]
		}
	}
	return out.String()
}

// JSON returns a JSON document with the same data, in which nothing is left that a
// terminal might obey. encoding/json escapes the ASCII control characters only; all
// others are inside strings, where JSON has \u escapes for them.
func JSON(doc []byte) []byte {
	var out []byte
	for len(doc) > 0 {
		r, size := utf8.DecodeRune(doc)
		if r < utf8.RuneSelf && r != 0x7f || unicode.IsGraphic(r) {
			out = append(out, doc[:size]...)
		} else {
			for _, unit := range utf16.Encode([]rune{r}) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
		}
		doc = doc[size:]
	}
	return out
}
