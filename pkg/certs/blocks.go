package certs

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"regexp"

	"github.com/regctl/regctl/pkg/textfile"
)

var (
	pemMarker = regexp.MustCompile(`-----(BEGIN|END) ([A-Z0-9 ]+)-----`)
	// almostMarker is what a damaged marker looks like; encoding/pem takes it for a comment.
	almostMarker = regexp.MustCompile(`(?i)-{2,}\s*(BEGIN|END)\b|\b(BEGIN|END) [A-Z0-9 ]*-{2,}`)
)

// block is a PEM block and the line where it begins.
type block struct {
	*pem.Block
	line int
}

// Blocks reads all PEM blocks of a text in order. Text between blocks is ignored. Unlike
// encoding/pem, it never skips a block: a block that is cut off or damaged is an error. It
// also reads what concatenated files often look like: no newline between two blocks, a byte
// order mark, indented lines, CRLF.
func Blocks(text []byte) ([]*pem.Block, error) {
	found, err := blocks(text)
	list := make([]*pem.Block, 0, len(found))
	for _, b := range found {
		list = append(list, b.Block)
	}
	return list, err
}

func blocks(text []byte) ([]block, error) {
	var list []block
	var open []byte // the block that is being read, from its BEGIN line on
	var kind string
	begin := 0
	err := eachLine(text, func(n int, line []byte) error {
		marker := pemMarker.FindSubmatch(line)
		switch {
		case marker == nil && almostMarker.Match(line):
			return fmt.Errorf("line %d: malformed BEGIN or END line", n)
		case marker == nil && open == nil:
			return nil
		case marker == nil:
		case string(marker[1]) == "BEGIN" && open != nil:
			return cutOff(kind, begin)
		case string(marker[1]) == "BEGIN":
			kind, begin = string(marker[2]), n
		case open == nil || string(marker[2]) != kind:
			return fmt.Errorf("line %d: END %s without its BEGIN line", n, marker[2])
		default:
			b, _ := pem.Decode(append(append(open, line...), '\n'))
			if b == nil {
				return fmt.Errorf("line %d: %s is corrupted", begin, kind)
			}
			list, open = append(list, block{b, begin}), nil
			return nil
		}
		open = append(append(open, line...), '\n')
		return nil
	})
	if err == nil && open != nil {
		err = cutOff(kind, begin)
	}
	return list, err
}

func cutOff(kind string, line int) error {
	return fmt.Errorf("line %d: %s is truncated: no END line", line, kind)
}

// eachLine calls do with each line, less the white space around it; BEGIN and END count as
// lines of their own wherever they stand.
func eachLine(text []byte, do func(n int, line []byte) error) error {
	text, _, err := textfile.Decode(text)
	if err != nil {
		return err
	}
	text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	for i, line := range bytes.Split(text, []byte("\n")) {
		for _, part := range bytes.Split(pemMarker.ReplaceAll(line, []byte("\n$0\n")), []byte("\n")) {
			part = bytes.TrimSpace(part)
			if len(part) == 0 && len(bytes.TrimSpace(line)) > 0 {
				continue
			}
			if err := do(i+1, part); err != nil {
				return err
			}
		}
	}
	return nil
}
