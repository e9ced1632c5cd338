package registry

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/regctl/regctl/pkg/atomicfile"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/textfile"
	"golang.org/x/crypto/bcrypt"
)

// AddUser sets the password of a user in an htpasswd file, which is created (mode
// 0600) if it is missing. It returns whether the user is new. Other lines, comments included, stay as they are.
func AddUser(file, user, password string) (added bool, err error) {
	if user == "" || strings.ContainsAny(user, ":\n\r#") || strings.TrimSpace(user) != user {
		return false, hint.BadUsage(fmt.Errorf("user name %q: must not be empty or contain a colon, # or line break", user), "")
	}
	if password == "" {
		return false, hint.BadUsage(errors.New("the password is empty"), "")
	}
	if strings.ContainsAny(password, "\r\n") {
		return false, hint.BadUsage(errors.New("the password contains a line break, which nobody could type at a login"), "")
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	if errors.Is(err, bcrypt.ErrPasswordTooLong) {
		return false, hint.BadUsage(errors.New("the password is longer than 72 bytes, the limit of bcrypt"), "")
	}
	if err != nil {
		return false, err
	}
	line := user + ":" + string(hash)
	err = edit(file, func(lines []string) []string {
		if i := slices.IndexFunc(lines, isUser(user)); i >= 0 {
			lines[i] = line
			return lines
		}
		added = true
		return append(lines, line)
	})
	return added, err
}

// RemoveUser takes a user out of an htpasswd file.
func RemoveUser(file, user string) error {
	found := false
	err := edit(file, func(lines []string) []string {
		kept := slices.DeleteFunc(lines, isUser(user))
		found = len(kept) < len(lines)
		return kept
	})
	if err == nil && !found {
		return hint.Errorf("regctl serve user list --htpasswd "+file, "%s: no user %q", file, user)
	}
	return err
}

// ListUsers returns the names in an htpasswd file, sorted.
func ListUsers(file string) ([]string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, hint.New(err, "regctl serve user add NAME --htpasswd "+file)
	}
	users, err := parseHtpasswd(file, content, false)
	return slices.Sorted(maps.Keys(users)), err
}

func isUser(user string) func(line string) bool {
	return func(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), user+":") }
}

// edit changes the lines of an htpasswd file under a lock, and replaces it in one step.
func edit(file string, change func([]string) []string) error {
	return atomicfile.InDir(filepath.Dir(file), 0o700, func() error { return editLocked(file, change) })
}

func editLocked(file string, change func([]string) []string) error {
	content, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if _, err := parseHtpasswd(file, content, true); err != nil {
		return err
	}
	text, encode, err := textfile.Decode(content)
	if err != nil {
		return err
	}
	lines := strings.Split(string(bytes.TrimRight(text, "\r\n")), "\n")
	if len(content) == 0 {
		lines = nil
	}
	out := strings.Join(change(slices.Clone(lines)), "\n")
	if out != "" {
		out += "\n"
	}
	if out == string(text) {
		return nil
	}
	if text, err = encode([]byte(out)); err != nil {
		return err
	}
	mode := os.FileMode(0o600) // an existing file keeps its mode, since the registry's group may read it
	if info, err := os.Stat(file); err == nil {
		mode = info.Mode().Perm()
	}
	return atomicfile.Write(file, text, mode)
}
