package cmdutil

import (
	"os"
	"os/exec"
	"path/filepath"
)

func SameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// Program is how the user can call regctl again: by its name where PATH finds this very
// program by it (there is another of that name, regclient's), else by its path.
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
