// Package originals knows the flags of oc and oadm, and what regctl does with each: the
// data of docs/flags.md, of the flags that are accepted without effect, and of the hints of those that are refused.
package originals

import (
	_ "embed" // for flags.txt
	"slices"
	"strings"
)

//go:embed flags.txt
var text string

// Status is what regctl does with a flag.
type Status string

// The statuses, as flags.txt explains them.
const (
	Same     Status = "same"
	Accepted Status = "accepted"
	Ignored  Status = "ignored"
	Refused  Status = "refused"
)

// Flag is a flag of an original.
type Flag struct {
	Name, Short string
	Value       string // what it takes, in capitals; "" for a switch
	Status      Status
	Note        string // what it does here, or what to use instead
}

// Command is a command of oc or oadm with all its flags.
type Command struct {
	Original string   // oc set volume
	Words    []string // what to type after "regctl"
	Refused  string   // what to use instead of the whole command; "" for a command that regctl has
	Flags    []Flag
}

// Commands reads the table.
func Commands() []Command {
	var all []Command
	groups, group := map[string][]Flag{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		last := len(all) - 1
		switch rest := strings.TrimSpace(line[1:]); line[0] {
		case '@':
			group = rest
		case '=':
			original, words, _ := strings.Cut(rest, " = ")
			all, group = append(all, Command{Original: original, Words: strings.Fields(words)}), ""
		case '!':
			all[last].Refused = rest
		case '+':
			if group != "" {
				groups[group] = with(groups[group], groups[rest])
			} else {
				all[last].Flags = with(all[last].Flags, groups[rest])
			}
		default:
			if group != "" {
				groups[group] = append(groups[group], flag(line, ""))
			} else {
				all[last].Flags = append(all[last].Flags, flag(line, all[last].Refused))
			}
		}
	}
	return all
}

// with adds a group to flags; those of the command itself stand.
func with(own, group []Flag) []Flag {
	for _, f := range group {
		if !slices.ContainsFunc(own, func(o Flag) bool { return o.Name == f.Name }) {
			own = append(own, f)
		}
	}
	return own
}

// flag reads "name,n=VALUE status note"; instead is the note of one that has none.
func flag(line, instead string) Flag {
	words := strings.SplitN(line, " ", 3)
	name, value, _ := strings.Cut(words[0], "=")
	f := Flag{Value: value, Status: Status(words[1]), Note: instead}
	f.Name, f.Short, _ = strings.Cut(name, ",")
	if len(words) > 2 {
		f.Note = words[2]
	}
	return f
}
