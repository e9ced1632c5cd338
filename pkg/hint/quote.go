package hint

import (
	"regexp"
	"strings"
)

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-][A-Za-z0-9_@%+=:,./~#-]*$`)

// Quote writes words of a command so that a shell takes each as one word:
// "my app.tar" becomes 'my app.tar', and plain words stay as they are.
func Quote(words ...string) string {
	quoted := make([]string, 0, len(words))
	for _, w := range words {
		if !plainWord.MatchString(w) {
			w = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		quoted = append(quoted, w)
	}
	return strings.Join(quoted, " ")
}
