package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/regctl/regctl/internal/cli/originals"
)

const aboutFlags = `# The flags of oc and oadm

Made by "make generate", out of the table that the program itself uses (internal/cli/originals/flags.txt)
and that a test compares with the commands, flag by flag.

Same: as in the original. Accepted: works as the note says. Ignored: taken without effect.
Refused: an error, whose hint is the command in the note.

With -o json or yaml, the spellings of oc and oadm below print the objects and change nothing, as
the originals did: "oadm registry" without a verb, "oc volume --add|--remove", "oc env" and
"oc secrets new" and its like. --dry-run=none prints and makes the change, as the commands with
a verb do: "regctl registry deploy", "regctl volume add", "regctl env set".
`

// flags writes docs/flags.md.
func flags(dir string) error {
	out := bytes.NewBufferString(aboutFlags)
	for _, c := range originals.Commands() {
		fmt.Fprintf(out, "\n## %s\n\n", c.Original)
		if c.Refused != "" {
			fmt.Fprintf(out, "Refused. Use instead: `%s`\n\n", c.Refused)
		} else {
			fmt.Fprintf(out, "Here: `regctl %s`\n\n", strings.Join(c.Words, " "))
		}
		fmt.Fprintf(out, "| flag | here | note |\n| --- | --- | --- |\n")
		for _, f := range c.Flags {
			fmt.Fprintf(out, "| %s | %s | %s |\n", spelled(f), f.Status, strings.ReplaceAll(f.Note, "|", "\\|"))
		}
	}
	return write(filepath.Join(dir, "docs", "flags.md"), out.Bytes())
}

// spelled is a flag as help writes it: -o, --output=FORMAT.
func spelled(f originals.Flag) string {
	s := "`--" + f.Name
	if f.Value != "" {
		s += "=" + f.Value
	}
	if f.Short != "" {
		s = "`-" + f.Short + "`, " + s
	}
	return s + "`"
}
