package cmdutil

import (
	"os"
	"os/exec"
	"path/filepath"
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
