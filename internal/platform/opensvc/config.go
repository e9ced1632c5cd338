package opensvc

import (
	"fmt"
	"slices"
	"strings"
)

// config is a service configuration: sections of keywords, in the order of the file.
type config []section

type section struct {
	name     string // DEFAULT, container#1
	keywords []keyword
}

type keyword struct{ name, value string }

// add puts a section at the end, less the keywords with no value.
func (c *config) add(name string, pairs ...string) {
	s := section{name: name}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			s.keywords = append(s.keywords, keyword{pairs[i], pairs[i+1]})
		}
	}
	*c = append(*c, s)
}

// String is the file.
func (c config) String() string {
	var out strings.Builder
	for i, s := range c {
		if i > 0 {
			out.WriteString("\n")
		}
		fmt.Fprintf(&out, "[%s]\n", s.name)
		for _, k := range s.keywords {
			fmt.Fprintf(&out, "%s = %s\n", k.name, k.value)
		}
	}
	return out.String()
}

// get is the value of a keyword, "" where it is not set.
func (c config) get(section, name string) string {
	for _, s := range c {
		for _, k := range s.keywords {
			if s.name == section && k.name == name {
				return k.value
			}
		}
	}
	return ""
}

// parseConfig reads what an agent prints of a service's configuration. Lines that go
// on (those that begin with a space) are joined with one space, as the agents do.
func parseConfig(text string) config {
	var c config
	for line := range strings.SplitSeq(text, "\n") {
		trimmed := strings.TrimSpace(line)
		name, value, pair := strings.Cut(trimmed, "=")
		last := len(c) - 1
		switch {
		case trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';':
		case trimmed[0] == '[' && trimmed[len(trimmed)-1] == ']':
			c = append(c, section{name: trimmed[1 : len(trimmed)-1]})
		case last < 0:
		case line[0] == ' ' || line[0] == '\t':
			if n := len(c[last].keywords); n > 0 {
				k := &c[last].keywords[n-1]
				k.value = strings.TrimSpace(k.value + " " + trimmed)
			}
		case pair:
			c[last].keywords = append(c[last].keywords, keyword{strings.TrimSpace(name), strings.TrimSpace(value)})
		}
	}
	return c
}

// over is c as it is when the keywords of want are set in it: what others have set stays.
func (c config) over(want config) config {
	out := slices.Clone(c)
	for _, s := range want {
		at := slices.IndexFunc(out, func(o section) bool { return o.name == s.name })
		if at < 0 {
			out = append(out, s)
			continue
		}
		merged := section{s.name, slices.Clone(out[at].keywords)}
		for _, k := range s.keywords {
			if i := slices.IndexFunc(merged.keywords, func(o keyword) bool { return o.name == k.name }); i >= 0 {
				merged.keywords[i] = k
			} else {
				merged.keywords = append(merged.keywords, k)
			}
		}
		out[at] = merged
	}
	return out
}

// less is c without the keywords that were ours, and no longer are.
func (c config) less(gone []string) config {
	var out config
	for _, s := range c {
		kept := section{name: s.name}
		for _, k := range s.keywords {
			if !slices.Contains(gone, s.name+"."+k.name) {
				kept.keywords = append(kept.keywords, k)
			}
		}
		if len(kept.keywords) > 0 {
			out = append(out, kept)
		}
	}
	return out
}
