package trust

import (
	"errors"
	"fmt"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// hostsMark ends each line that regctl puts into a hosts.toml of others.
const hostsMark = " # by regctl trust"

// newHosts is a hosts.toml of our own. The path of the CA is relative to it, so it
// holds in an image too. The line stands twice: containerd before 2.0 refuses a file
// without a table, and then asks the server as well, for which the top of the file counts.
func newHosts(spelling, line string) []byte {
	return fmt.Appendf(nil, "# Made by regctl; to take it away: regctl trust remove %s\nserver = \"https://%s\"\n%s\n\n[host.\"https://%s\"]\n  %s\n",
		spelling, spelling, line, spelling, line)
}

// ourHosts returns the line that a hosts.toml of our own was made for, "" where others have had a hand in it.
func ourHosts(b []byte, spelling string) string {
	for _, line := range []string{caLine, skipLine} {
		if string(b) == string(newHosts(spelling, line)) {
			return line
		}
	}
	return ""
}

// hostsConf is what we need to know of a hosts.toml.
type hostsConf struct {
	hostsPart
	Server string               `toml:"server"`
	Host   map[string]hostsPart `toml:"host"`
}

type hostsPart struct {
	CA         any  `toml:"ca"` // a path or a list of paths
	SkipVerify bool `toml:"skip_verify"`
}

// cas are the CA files, relative ones below dir.
func (h hostsPart) cas(dir string) []string {
	var files []string
	switch v := h.CA.(type) {
	case string:
		files = append(files, v)
	case []any:
		for _, f := range v {
			if s, ok := f.(string); ok {
				files = append(files, s)
			}
		}
	}
	for i, f := range files {
		if !path.IsAbs(f) {
			files[i] = path.Join(dir, f)
		}
	}
	return files
}

func parseHosts(b []byte) (hostsConf, error) {
	// the embedded part is decoded on its own: its keys stand at the top of the file
	var conf hostsConf
	var top struct {
		Server string               `toml:"server"`
		Host   map[string]hostsPart `toml:"host"`
	}
	if err := toml.Unmarshal(b, &top); err != nil {
		return conf, tomlError(err)
	}
	if err := toml.Unmarshal(b, &conf.hostsPart); err != nil {
		return conf, tomlError(err)
	}
	conf.Server, conf.Host = top.Server, top.Host
	return conf, nil
}

// of is the part that counts when the host itself is talked to.
func (c hostsConf) of(spelling string) hostsPart {
	if part, ok := c.Host["https://"+spelling]; ok {
		return part
	}
	return c.hostsPart
}

// editHosts puts a line into a hosts.toml of others, where it counts for the host
// itself, and makes sure that nothing else has changed by it.
func editHosts(old []byte, spelling, line string) ([]byte, error) {
	if line == caLine {
		old = stripHosts(old, true) // from now on the certificate is checked
	}
	conf, err := parseHosts(old)
	if err != nil {
		return nil, err
	}
	part := conf.of(spelling)
	if line == caLine && slices.Contains(part.cas(""), "ca.crt") || line == skipLine && part.SkipVerify {
		return old, nil
	}
	if err := conf.takes(spelling, line); err != nil {
		return nil, err
	}
	_, table := conf.Host["https://"+spelling]
	made, err := insertLine(old, spelling, line, table)
	if err != nil {
		return nil, err
	}
	return made, sameBut(old, made, spelling, table)
}

// takes tells whether a line can be added without a guess.
func (c hostsConf) takes(spelling, line string) error {
	_, table := c.Host["https://"+spelling]
	server := strings.TrimSuffix(strings.TrimPrefix(c.Server, "https://"), "/")
	switch {
	case line == caLine && c.of(spelling).CA != nil:
		return fmt.Errorf("it has another ca for %s", spelling)
	case !table && server != "" && server != spelling:
		return fmt.Errorf("it sends %s to %s, which is the one to be trusted", spelling, c.Server)
	case !table && line == skipLine:
		return fmt.Errorf("it has no table [host.\"https://%s\"]", spelling)
	}
	return nil
}

// insertLine puts a line below the header of the host's table, or without one at the top of the file.
func insertLine(old []byte, spelling, line string, table bool) ([]byte, error) {
	lines, at := strings.SplitAfter(string(old), "\n"), 0
	if table {
		if at = slices.IndexFunc(lines, tableOf(spelling)) + 1; at == 0 {
			return nil, fmt.Errorf("the table of https://%s is not written in the usual form", spelling)
		}
		line = "  " + line
		if !strings.HasSuffix(lines[at-1], "\n") {
			lines[at-1] += "\n"
		}
	}
	return []byte(strings.Join(slices.Insert(lines, at, line+hostsMark+"\n"), "")), nil
}

func tableOf(spelling string) func(string) bool {
	header := regexp.MustCompile(`^\s*\[\s*host\s*\.\s*["']https://` + regexp.QuoteMeta(spelling) + `["']\s*\]`)
	return header.MatchString
}

// sameBut makes sure that an edit has added the one key and nothing else.
func sameBut(old, made []byte, spelling string, table bool) error {
	var before, after map[string]any
	if err := toml.Unmarshal(old, &before); err != nil {
		return err
	}
	if err := toml.Unmarshal(made, &after); err != nil {
		return errors.New("it is written in a form that regctl cannot edit")
	}
	was, is := before, after
	if table {
		was, is = inner(before, spelling), inner(after, spelling)
	}
	for _, key := range []string{"ca", "skip_verify"} {
		if _, ok := was[key]; !ok {
			delete(is, key)
		}
	}
	if !reflect.DeepEqual(before, after) {
		return errors.New("it is written in a form that regctl cannot edit")
	}
	return nil
}

func inner(m map[string]any, spelling string) map[string]any {
	hosts, _ := m["host"].(map[string]any)
	part, _ := hosts["https://"+spelling].(map[string]any)
	return part
}

// stripHosts takes the lines of regctl out again.
func stripHosts(b []byte, insecureOnly bool) []byte {
	var kept strings.Builder
	for line := range strings.SplitAfterSeq(string(b), "\n") {
		body, ours := strings.CutSuffix(strings.TrimSpace(line), hostsMark)
		if !ours || insecureOnly && body != skipLine {
			kept.WriteString(line)
		}
	}
	return []byte(kept.String())
}
