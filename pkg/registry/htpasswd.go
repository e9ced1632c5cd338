package registry

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/textfile"
	"golang.org/x/crypto/bcrypt"
)

// parseHtpasswd reads an htpasswd file: "user:hash" lines, blank lines and
// comments. A hash that is not bcrypt is an error that names the line: skipping
// it would lock its user out without a reason. Only a file that is being edited may
// contain old hashes: setting those passwords again replaces them.
func parseHtpasswd(name string, content []byte, edited bool) (map[string][]byte, error) {
	content, _, err := textfile.Decode(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if bytes.IndexByte(content, 0) >= 0 {
		return nil, hint.Errorf("save the file as UTF-8: iconv -f UTF-16 -t UTF-8 "+hint.Quote(name), "%s: not a text file, or UTF-16 without a byte order mark", name)
	}
	add := "regctl serve user add USER --htpasswd " + hint.Quote(name)
	users := map[string][]byte{}
	n := 0
	for line := range strings.Lines(string(content)) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		user, hash, found := strings.Cut(line, ":")
		if !found || user == "" {
			return nil, hint.Errorf("replace the line: "+add, "%s:%d: no user name and hash", name, n)
		}
		if !isBcrypt(hash) && (!edited || hashKind(hash) == notBcrypt) {
			advice := "regctl serve user add " + hint.Quote(user) + " --htpasswd " + hint.Quote(name)
			if hashKind(hash) == notBcrypt { // it may be a file of another kind, which is not edited
				advice = fmt.Sprintf("remove line %d of %s, then: %s", n, name, advice)
			}
			return nil, hint.Errorf(advice, "%s:%d: the password of %q is %s; only bcrypt is accepted", name, n, user, hashKind(hash))
		}
		if _, twice := users[user]; twice {
			return nil, hint.Errorf("remove one of the lines", "%s:%d: duplicate user %q", name, n, user)
		}
		users[user] = []byte(hash)
	}
	return users, nil
}

// bcryptForm is the whole of a bcrypt hash: the library ignores what follows it, which is
// the next user where a line end is missing.
var bcryptForm = regexp.MustCompile(`^\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}$`)

func isBcrypt(hash string) bool {
	_, err := bcrypt.Cost([]byte(hash))
	return err == nil && bcryptForm.MatchString(hash)
}

const notBcrypt = "not a bcrypt hash (plain text or crypt)"

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
		return "a corrupted bcrypt hash"
	}
	return notBcrypt
}
