package registry

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/textfile"
	"golang.org/x/crypto/bcrypt"
)

// parseHtpasswd reads an htpasswd file: "user:hash" lines, blank lines and
// comments. A hash that is not bcrypt is an error that names the line: skipping
// it would lock its user out with no word why. Only who edits the file lets old
// hashes pass: setting those passwords anew is what mends it.
func parseHtpasswd(name string, content []byte, edited bool) (map[string][]byte, error) {
	content, _, err := textfile.Decode(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	users := map[string][]byte{}
	lines := bufio.NewScanner(bytes.NewReader(content))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		user, hash, found := strings.Cut(line, ":")
		if !found || user == "" {
			return nil, hint.Errorf("a line is USER:HASH; make it by: regctl serve user add USER --htpasswd "+name, "%s:%d: no user name and hash in it", name, n)
		}
		if _, err := bcrypt.Cost([]byte(hash)); err != nil && (!edited || hashKind(hash) == noHash) {
			return nil, hint.Errorf("regctl serve user add "+user+" --htpasswd "+name, "%s:%d: the password of %q is %s; only bcrypt is accepted", name, n, user, hashKind(hash))
		}
		if _, twice := users[user]; twice {
			return nil, hint.Errorf("remove one of the lines", "%s:%d: %q is there twice", name, n, user)
		}
		users[user] = []byte(hash)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return users, nil
}

const noHash = "no bcrypt hash (plain text or crypt)"

// hashKind names a hash by its prefix, for the error that refuses it.
func hashKind(hash string) string {
	switch {
	case strings.HasPrefix(hash, "$apr1$"), strings.HasPrefix(hash, "$1$"):
		return "an MD5 hash"
	case strings.HasPrefix(hash, "{SHA}"):
		return "a SHA-1 hash"
	case strings.HasPrefix(hash, "$5$"), strings.HasPrefix(hash, "$6$"):
		return "a SHA-2 crypt hash"
	case strings.HasPrefix(hash, "$2"):
		return "a damaged bcrypt hash"
	}
	return noHash
}
