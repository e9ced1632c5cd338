package trust

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/regctl/regctl/pkg/textfile"
)

// registryEntry is a [[registry]] of a registries.conf, with all of its keys.
type registryEntry struct {
	prefix string // of the image references that it is for
	table  map[string]any
	file   string
}

func (e registryEntry) is(key string) bool {
	value, _ := e.table[key].(bool)
	return value
}

func (e registryEntry) location() string {
	location, _ := e.table["location"].(string)
	return location
}

// parseRegistries reads a registries.conf, in its present or its first form.
func parseRegistries(file string, b []byte) ([]registryEntry, error) {
	var conf struct {
		Registry   []map[string]any `toml:"registry"`
		Registries struct {
			Insecure, Block struct {
				Registries []string `toml:"registries"`
			}
		} `toml:"registries"`
	}
	b, _, err := textfile.Decode(b)
	if err != nil {
		return nil, err
	}
	if err := toml.Unmarshal(b, &conf); err != nil {
		return nil, tomlError(err)
	}
	var entries []registryEntry
	for _, table := range conf.Registry {
		prefix, _ := table["prefix"].(string)
		e := registryEntry{table: table, file: file}
		e.prefix = cmp.Or(prefix, e.location())
		entries = append(entries, e)
	}
	for _, host := range conf.Registries.Insecure.Registries {
		entries = append(entries, registryEntry{host, map[string]any{"location": host, "insecure": true}, file})
	}
	for _, host := range conf.Registries.Block.Registries {
		entries = append(entries, registryEntry{host, map[string]any{"location": host, "blocked": true}, file})
	}
	return entries, nil
}

// registriesFiles are the files that the containers library reads, in this order: registries.conf
// (a user's own replaces the machine's), then the drop-ins of the machine and of the user.
func (p Place) registriesFiles() ([]string, error) {
	system, user := p, p
	system.User, user.User = false, true
	main := system.registriesConf()
	if p.User && p.exists(user.registriesConf()) {
		main = user.registriesConf()
	}
	files := []string{main}
	scopes := []Place{system}
	if p.User {
		scopes = append(scopes, user)
	}
	for _, scope := range scopes {
		dropIns, err := scope.dropIns()
		if err != nil {
			return nil, err
		}
		files = append(files, dropIns...)
	}
	return files, nil
}

func (p Place) registriesConf() string { return strings.TrimSuffix(p.registriesDir(), ".d") }

// dropIns are the files of registries.conf.d, in the order in which they are read.
func (p Place) dropIns() ([]string, error) {
	names, err := p.names(p.registriesDir())
	var files []string
	for _, name := range names {
		if path.Ext(name) == ".conf" {
			files = append(files, path.Join(p.registriesDir(), name))
		}
	}
	return files, err
}

// registries are the entries that count, those of some files left out: a later entry replaces
// all of an earlier one with the same prefix. A file that cannot be read is an error, as it is
// to podman.
func (p Place) registries(without ...string) ([]registryEntry, error) {
	files, err := p.registriesFiles()
	if err != nil {
		return nil, err
	}
	var all []registryEntry
	for _, file := range files {
		if slices.Contains(without, file) {
			continue
		}
		b, err := p.read(file)
		if err != nil {
			return nil, err
		}
		entries, err := parseRegistries(file, b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.shown(file), err)
		}
		for _, e := range entries {
			all = slices.DeleteFunc(all, func(other registryEntry) bool { return other.prefix == e.prefix })
			all = append(all, e)
		}
	}
	return all, nil
}

// entryFor is the entry that counts for a host, that with the longest prefix; matched is how
// much of the host its prefix covers.
func entryFor(entries []registryEntry, host string) (entry *registryEntry, matched int) {
	longest := -1
	for i, e := range entries {
		if n := matches(host, e.prefix); n >= 0 && len(e.prefix) > longest {
			entry, matched, longest = &entries[i], n, len(e.prefix)
		}
	}
	return entry, matched
}

// matches returns how much of a host a prefix covers, -1 for none of it. A prefix without a
// port is for all ports; *.example.com is for all hosts below example.com.
func matches(host, prefix string) int {
	n := len(prefix)
	if suffix, wildcard := strings.CutPrefix(prefix, "*"); wildcard {
		i := strings.Index(host, suffix)
		if i < 0 {
			return -1
		}
		n = i + len(suffix)
	} else if !strings.HasPrefix(host, prefix) {
		return -1
	}
	if n == 0 || n < len(host) && host[n] != ':' {
		return -1
	}
	return n
}

// entriesOf are the entries that a drop-in for a host replaces: the one that counts for it, and
// those of its repositories.
func entriesOf(entries []registryEntry, host string) []registryEntry {
	var all []registryEntry
	if e, _ := entryFor(entries, host); e != nil {
		all = append(all, *e)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.prefix, host+"/") && hostOf(e.location()) == host {
			all = append(all, e)
		}
	}
	return all
}

func hostOf(location string) string {
	host, _, _ := strings.Cut(location, "/")
	return host
}

// insecureTables turn verification off for a host and for those of its repositories that have
// an entry of their own.
func insecureTables(entries []registryEntry, host string) []map[string]any {
	tables := []map[string]any{insecureTable(entries, host)}
	for _, e := range entriesOf(entries, host) {
		if strings.HasPrefix(e.prefix, host+"/") {
			table := maps.Clone(e.table)
			table["insecure"] = true
			tables = append(tables, table)
		}
	}
	return tables
}

// insecureTable is the entry for a host that turns verification off and keeps all else that
// counts for the host now: mirrors, blocked, a location elsewhere.
func insecureTable(entries []registryEntry, host string) map[string]any {
	entry, matched := entryFor(entries, host)
	if entry == nil {
		return map[string]any{"location": host, "insecure": true}
	}
	table := maps.Clone(entry.table)
	table["insecure"] = true
	rest := host[matched:]
	if entry.location() == "" || strings.HasPrefix(entry.prefix, "*") {
		table["location"] = host
	} else {
		table["location"] = entry.location() + rest
	}
	if table["location"] != host || table["prefix"] != nil {
		table["prefix"] = host
	}
	if mirrors, ok := table["mirror"].([]any); ok && rest != "" {
		table["mirror"] = relocated(mirrors, rest)
	}
	return table
}

// relocated are mirrors for a longer prefix: what the prefix covers more is a part of their location.
func relocated(mirrors []any, rest string) []any {
	list := make([]any, len(mirrors))
	for i, m := range mirrors {
		mirror, _ := m.(map[string]any)
		mirror = maps.Clone(mirror)
		location, _ := mirror["location"].(string)
		mirror["location"] = location + rest
		list[i] = mirror
	}
	return list
}

// encodeRegistries writes [[registry]] tables; plain ones as people write them.
func encodeRegistries(b *bytes.Buffer, tables []map[string]any) error {
	for _, table := range tables {
		if len(table) == 2 && table["location"] != nil {
			fmt.Fprintf(b, "[[registry]]\nlocation = %q\ninsecure = true\n", table["location"])
			continue
		}
		text, err := toml.Marshal(map[string]any{"registry": []map[string]any{table}})
		if err != nil {
			return err
		}
		b.Write(text)
	}
	return nil
}
