package opensvc

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

var sizeForm = regexp.MustCompile(`(?i)^([0-9]*[1-9][0-9]*)([kmgtp])(i|b|ib)?$`)

// size makes an agent's size (10g, of powers of 1024) of 10g, 10GB or 10Gi. The agent
// itself reads "Gi" as a power of 1000.
func size(text string) (string, error) {
	m := sizeForm.FindStringSubmatch(text)
	if m == nil {
		return "", hint.BadUsage(fmt.Errorf("size %q: must be a number followed by k, m, g, t or p", text), "--size 10g")
	}
	return m[1] + strings.ToLower(m[2]), nil
}
