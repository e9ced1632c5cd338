package trust

import (
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/stretchr/testify/require"
)

const dropInDir = "etc/containers/registries.conf.d/"

// insecureTOML is what the drop-in for a host says, as podman reads it.
func insecureTOML(t *testing.T, p Place, name string) (File, []map[string]any) {
	t.Helper()
	files, err := p.AddInsecure(host(t, name), Containers)
	require.NoError(t, err)
	require.Len(t, files, 1)
	var conf struct{ Registry []map[string]any }
	require.NoError(t, toml.Unmarshal(files[0].Content, &conf), string(files[0].Content))
	return files[0], conf.Registry
}

func TestInsecureKeepsWhatRegistriesConfSays(t *testing.T) {
	mirror := []any{map[string]any{"location": "mirror.lan/m", "insecure": true}}
	for _, c := range []struct {
		name, conf string
		want       []map[string]any
	}{
		{"no entry", "", []map[string]any{{"location": "reg.lan:5000", "insecure": true}}},
		{
			"mirrors and all other keys", "[[registry]]\nlocation = \"reg.lan:5000\"\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = \"mirror.lan/m\"\ninsecure = true\n",
			[]map[string]any{{"location": "reg.lan:5000", "insecure": true, "mirror-by-digest-only": true, "mirror": mirror}},
		},
		{
			"blocked", "[[registry]]\nprefix = \"reg.lan:5000\"\nlocation = \"reg.lan:5000\"\nblocked = true\n",
			[]map[string]any{{"prefix": "reg.lan:5000", "location": "reg.lan:5000", "insecure": true, "blocked": true}},
		},
		{
			"blocked on all ports, and mirrored", "[[registry]]\nlocation = \"reg.lan\"\nblocked = true\n[[registry.mirror]]\nlocation = \"mirror.lan\"\n",
			[]map[string]any{{"location": "reg.lan:5000", "insecure": true, "blocked": true, "mirror": []any{map[string]any{"location": "mirror.lan:5000"}}}},
		},
		{
			"blocked by a wildcard", "[[registry]]\nprefix = \"*.lan\"\nblocked = true\n",
			[]map[string]any{{"prefix": "reg.lan:5000", "location": "reg.lan:5000", "insecure": true, "blocked": true}},
		},
		{
			"moved", "[[registry]]\nprefix = \"reg.lan:5000\"\nlocation = \"new.lan/old\"\n",
			[]map[string]any{{"prefix": "reg.lan:5000", "location": "new.lan/old", "insecure": true}},
		},
		{
			"the longest prefix counts", "[[registry]]\nlocation = \"reg.lan\"\nblocked = true\n[[registry]]\nlocation = \"reg.lan:5000\"\n[[registry]]\nlocation = \"reg.lan:50\"\nblocked = true\n",
			[]map[string]any{{"location": "reg.lan:5000", "insecure": true}},
		},
		{
			"a repository of its own, and one elsewhere", "[[registry]]\nlocation = \"reg.lan:5000/team\"\nblocked = true\n[[registry]]\nprefix = \"reg.lan:5000/x\"\nlocation = \"y.lan\"\n",
			[]map[string]any{{"location": "reg.lan:5000", "insecure": true}, {"location": "reg.lan:5000/team", "insecure": true, "blocked": true}},
		},
		{"the first form: blocked", "[registries.block]\nregistries = ['reg.lan:5000']\n", []map[string]any{{"location": "reg.lan:5000", "insecure": true, "blocked": true}}},
		{"other hosts", "[[registry]]\nlocation = \"a.reg.lan:5000\"\nblocked = true\n[[registry]]\nprefix = \"*.an\"\nblocked = true\n", []map[string]any{{"location": "reg.lan:5000", "insecure": true}}},
		{"byte order mark", "\xef\xbb\xbf[[registry]]\nlocation = \"reg.lan\"\nblocked = true\n", []map[string]any{{"location": "reg.lan:5000", "insecure": true, "blocked": true}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, got := insecureTOML(t, Place{FS: tree(map[string]string{"etc/containers/registries.conf": c.conf})}, "reg.lan:5000")
			require.Equal(t, c.want, got)
		})
	}
}

// TestLaterDropInsCount: of the files with an entry for the host, podman takes the last one.
func TestLaterDropInsCount(t *testing.T) {
	const own, blocked = "[[registry]]\nlocation = \"reg.lan:5000\"\n", "[[registry]]\nlocation = \"reg.lan:5000\"\nblocked = true\n"
	p := Place{FS: tree(map[string]string{"etc/containers/registries.conf": blocked, dropInDir + "10-reg.conf": own})}
	f, got := insecureTOML(t, p, "reg.lan:5000")
	require.Equal(t, "/"+dropInDir+"regctl-reg.lan_5000.conf", f.Path)
	require.NotContains(t, got[0], "blocked")

	p.FS = tree(map[string]string{dropInDir + "10-reg.conf": own, dropInDir + "site.conf": blocked})
	f, got = insecureTOML(t, p, "reg.lan:5000")
	require.Equal(t, "/"+dropInDir+"zz-regctl-reg.lan_5000.conf", f.Path)
	require.Equal(t, true, got[0]["blocked"])
	require.Equal(t, []string{"containers: reg.lan:5000 is blocked in /" + dropInDir + "site.conf and stays blocked"}, p.RegistriesWarnings(host(t, "reg.lan:5000")))

	p.FS = tree(map[string]string{dropInDir + "zzz.conf": own})
	_, err := p.AddInsecure(host(t, "reg.lan:5000"), Containers)
	require.EqualError(t, err, "/"+dropInDir+"zzz.conf is read after all that regctl writes and has an entry for reg.lan:5000")

	// our own file is no entry to be repeated, and it goes whatever its name
	ours := dropInDir + "zz-regctl-reg.lan_5000.conf"
	p.FS = tree(map[string]string{ours: blocked})
	_, got = insecureTOML(t, p, "reg.lan:5000")
	require.NotContains(t, got[0], "blocked")
	files, err := p.Remove(host(t, "reg.lan:5000"), true, Containers)
	require.NoError(t, err)
	require.Equal(t, []string{"/" + ours}, paths(files))
}

// TestAUsersRegistriesConf: it replaces the machine's, and the drop-ins of both count.
func TestAUsersRegistriesConf(t *testing.T) {
	const home = "home/me/.config/containers/"
	conf := func(host string) string { return "[[registry]]\nlocation = \"" + host + "\"\nblocked = true\n" }
	p := Place{User: true, Home: "/home/me", FS: tree(map[string]string{
		"etc/containers/registries.conf": conf("a.lan"), dropInDir + "1.conf": conf("b.lan"),
		home + "registries.conf": conf("c.lan"), home + "registries.conf.d/1.conf": conf("d.lan"),
	})}
	entries, err := p.registries()
	require.NoError(t, err)
	var prefixes []string
	for _, e := range entries {
		prefixes = append(prefixes, e.prefix)
	}
	require.Equal(t, []string{"c.lan", "b.lan", "d.lan"}, prefixes)
	p.User = false
	entries, err = p.registries()
	require.NoError(t, err)
	require.Len(t, entries, 2)
	require.Equal(t, "a.lan", entries[0].prefix)
}

func TestRegistriesConfThatIsBroken(t *testing.T) {
	p := Place{FS: tree(map[string]string{dropInDir + "1.conf": "[[registry"})}
	_, err := p.AddInsecure(host(t, "reg.lan"), Containers)
	require.ErrorContains(t, err, "/"+dropInDir+"1.conf: line 1, column 10: ")
	entries, err := p.List(time.Now())
	require.NoError(t, err)
	require.Contains(t, entries[0].Problem, "line 1, column 10: ")
}

func TestRegistriesConfInBothForms(t *testing.T) {
	p := Place{FS: tree(map[string]string{
		"etc/containers/registries.conf": "[[registry]]\nprefix = \"p.lan\"\ninsecure = true\n[[registry]]\nlocation = \"s.lan\"\n[[registry]]\nlocation = \"l.lan:5000\"\ninsecure = true\n",
		dropInDir + "1.conf":             "[registries.insecure]\nregistries = ['old.lan']\n",
	})}
	entries, err := p.List(time.Now())
	require.NoError(t, err)
	var hosts []string
	for _, e := range entries {
		require.True(t, e.Insecure)
		hosts = append(hosts, e.Host)
	}
	require.Equal(t, []string{"p.lan", "l.lan:5000", "old.lan"}, hosts)
}

func FuzzRegistriesConf(f *testing.F) {
	for _, s := range []string{"[[registry]]\nlocation = \"a\"\ninsecure = true\n[[registry.mirror]]\nlocation = \"m\"\n", "[registries.insecure]\nregistries = ['a']", "registry = 1", "[[", "[[registry]]\nprefix = \"*.a\"\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p := Place{FS: tree(map[string]string{"etc/containers/registries.conf": string(b)})}
		files, err := p.AddInsecure([]Host{{Name: "a.a"}}, Containers)
		if err != nil {
			return
		}
		entries, err := parseRegistries("", files[0].Content)
		require.NoError(t, err)
		e, _ := entryFor(entries, "a.a")
		require.True(t, e != nil && e.is("insecure"))
	})
}
