package cmdutil

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// SameFile tells whether two paths are one existing file.
func SameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// Program is the command that runs regctl again: its name if PATH finds this
// executable (regclient has a program of the same name), else its path.
func Program() string {
	self, err := os.Executable()
	if err != nil {
		return "regctl"
	}
	if found, err := exec.LookPath(filepath.Base(self)); err == nil && SameFile(found, self) {
		return filepath.Base(self)
	}
	return self
}

// Runnable returns text with each "regctl COMMAND" in it as the user can type it:
// by the path of the program where PATH does not find it, as a plugin "kubectl regctl".
func (e *Env) Runnable(text string) string {
	if e.Commands == nil || !strings.Contains(text, "regctl ") {
		return text
	}
	program := e.Commands.CommandPath()
	if program == "regctl" && e.Program != nil {
		program = hint.Quote(e.Program())
	}
	if program == "regctl" {
		return text
	}
	names := []string{"--"}
	for _, c := range e.Commands.Commands() {
		names = append(names, append(c.Aliases, c.Name())...)
	}
	command := regexp.MustCompile(`(^|[\s("'|;:])regctl (` + strings.Join(names, "|") + `)`)
	text = strings.ReplaceAll(text, program+" ", "regctl ") // usage lines have it already
	return command.ReplaceAllStringFunc(text, func(found string) string {
		return strings.Replace(found, "regctl", program, 1)
	})
}
