package workload

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
)

// Var is a variable that a container is to have.
type Var struct {
	Name  string
	Value string
	From  map[string]any // a reference instead of a value, as in valueFrom; nil: the value
}

// VarChange is what is to become of the variables of containers.
type VarChange struct {
	Set        []Var
	Unset      []string
	Containers string // pattern
	Keep       bool   // refuse to change what has another value
}

// IsVar tells whether an argument is a change of a variable (K=V, K-) rather than the name of an object.
func IsVar(arg string) bool {
	return strings.Contains(arg, "=") || len(arg) > 1 && strings.HasSuffix(arg, "-")
}

// ParseVar reads K=V or K-, and adds it to the change.
func (c *VarChange) ParseVar(arg string) error {
	name, value, set := strings.Cut(arg, "=")
	if !set {
		var unset bool
		if name, unset = strings.CutSuffix(arg, "-"); !unset {
			return hint.BadUsage(fmt.Errorf("%q: must be KEY=VALUE or KEY-", shown(arg)), "")
		}
	}
	if err := CheckVarName(name); err != nil {
		return err
	}
	if !set {
		c.Unset = append(c.Unset, name)
		return nil
	}
	c.Set = append(c.Set, Var{Name: name, Value: value})
	return nil
}

// shown is what an error may repeat of a line that could hold a secret.
func shown(line string) string {
	if len(line) > 20 {
		return line[:20] + "…"
	}
	return line
}

// CheckVarName refuses what no container can have as the name of a variable.
func CheckVarName(name string) error {
	if ok, _ := regexp.MatchString(`^[-._a-zA-Z][-._a-zA-Z0-9]*$`, name); !ok {
		return hint.BadUsage(fmt.Errorf("%q: invalid variable name: must consist of letters, digits, _, - and ., and not start with a digit", shown(name)), "")
	}
	return nil
}

// ReadVars reads a line of KEY=VALUE or KEY- for each variable. Empty lines and lines that
// begin with # are left out; a # further on is part of the value, and so are quotes. Only a
// value that opens a quote and does not close it on its line goes on, without the quotes, to
// the line that ends with the same quote.
func (c *VarChange) ReadVars(r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20) // a pod spec is no longer than that
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		first := n
		line, more, closed := rest(strings.TrimLeft(line, " \t"), lines)
		n += more
		if !closed {
			return fmt.Errorf("stdin, line %d: unclosed quote", first)
		}
		if err := c.ParseVar(line); err != nil {
			return fmt.Errorf("stdin, line %d: %w", first, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("stdin: %w", err)
	}
	return nil
}

// rest completes a line by those that follow where its value is in quotes that are still open.
func rest(line string, lines *bufio.Scanner) (whole string, more int, closed bool) {
	name, value, _ := strings.Cut(line, "=")
	if value == "" || value[0] != '"' && value[0] != '\'' || len(value) > 1 && strings.Contains(value[1:], value[:1]) {
		return line, 0, true
	}
	quote, text := value[:1], value[1:]
	for lines.Scan() {
		more++
		next, end := strings.CutSuffix(strings.TrimSuffix(lines.Text(), "\r"), quote)
		text += "\n" + next
		if end {
			return name + "=" + text, more, true
		}
	}
	return "", more, false
}

// VarNameOf is the name of the variable for a key of a secret or config map: tls.crt is TLS_CRT.
func VarNameOf(key string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_':
			return r
		}
		return '_'
	}, key)
}

// FromKeys makes variables that refer to the keys of a Secret or ConfigMap.
func FromKeys(kind, name string, keys []string) []Var {
	field := "configMapKeyRef"
	if kind == "Secret" {
		field = "secretKeyRef"
	}
	all := make([]Var, len(keys))
	for i, key := range keys {
		all[i] = Var{Name: VarNameOf(key), From: map[string]any{field: map[string]any{"name": name, "key": key}}}
	}
	return all
}
