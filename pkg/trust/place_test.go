package trust

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

func tree(files map[string]string) fstest.MapFS {
	fs := fstest.MapFS{}
	for name, content := range files {
		fs[name] = &fstest.MapFile{Data: []byte(content), Mode: 0o644}
	}
	return fs
}

func paths(files []File) []string {
	var all []string
	for _, f := range files {
		all = append(all, f.Path)
	}
	return all
}

func host(t *testing.T, s string) []Host {
	t.Helper()
	h, err := ParseHost(s)
	require.NoError(t, err)
	return []Host{h}
}

func TestContainerdIsMeantWhereItIsSetUp(t *testing.T) {
	require.Equal(t, []Target{Docker, Containers}, Place{FS: tree(nil)}.DefaultTargets())
	with := Place{FS: tree(map[string]string{"etc/containerd/config.toml": ""})}
	require.Equal(t, []Target{Docker, Containers, Containerd}, with.DefaultTargets())
	all, err := with.ParseTargets([]string{"system", "all", "docker"})
	require.NoError(t, err)
	require.Equal(t, Targets(), all)
}

func TestContainerdsOtherFolderNameComesFirst(t *testing.T) {
	p := Place{FS: tree(map[string]string{"etc/containerd/certs.d/reg.lan_5000_/x": ""})}
	files, err := p.Add(host(t, "reg.lan:5000"), nil, Containerd)
	require.NoError(t, err)
	require.Equal(t, []string{"/etc/containerd/certs.d/reg.lan_5000_/ca.crt", "/etc/containerd/certs.d/reg.lan_5000_/hosts.toml"}, paths(files))
	require.Equal(t, "[::1]_5000_", underscored("[::1]:5000"))
	require.Equal(t, "[::1]", underscored("[::1]"))
	require.Equal(t, "[::1]:5000", plainHost(Containerd, "[::1]_5000_"))
}

func TestSystemStoreOfEachDistribution(t *testing.T) {
	for dir, command := range map[string]string{
		"etc/pki/ca-trust/source/anchors":          "update-ca-trust",
		"etc/ca-certificates/trust-source/anchors": "update-ca-trust",
		"etc/pki/trust/anchors":                    "update-ca-certificates",
		"usr/local/share/ca-certificates":          "update-ca-certificates",
	} {
		p := Place{FS: tree(map[string]string{dir + "/x": ""})}
		got, update, err := p.store()
		require.NoError(t, err)
		require.Equal(t, "/"+dir, got)
		require.Equal(t, []string{command}, update)
	}
}

func TestWarningsSayWhatIsHidden(t *testing.T) {
	p := Place{Home: "/home/me", ConfigHome: "/home/me/.config", FS: tree(map[string]string{
		"etc/docker/certs.d/reg.lan:5000/me.cert": "", "etc/docker/certs.d/reg.lan:5000/me.key": "",
		"etc/containerd/config.toml": "version = 2\n",
	})}
	require.Equal(t, []string{
		"containers: podman will no longer read the client certificate /etc/docker/certs.d/reg.lan:5000/me.cert: copy it and its key into /etc/containers/certs.d/reg.lan:5000",
		`containerd: /etc/containerd/config.toml has no registry config_path = "/etc/containerd/certs.d": before 2.2, Kubernetes' pulls do not read what lies there`,
	}, p.Warnings(host(t, "reg.lan:5000"), Targets()...))

	p.FS = tree(map[string]string{
		"home/me/.config/containers/certs.d/reg.lan:5000/ca.crt": "",
		"etc/containerd/config.toml":                             "[plugins.\"io.containerd.grpc.v1.cri\".registry]\nconfig_path = \"/etc/containerd/certs.d\"\n",
	})
	require.Equal(t, []string{"containers: /home/me/.config/containers/certs.d/reg.lan:5000 exists, so podman of this user reads that alone"},
		p.Warnings(host(t, "reg.lan:5000"), Targets()...))
}

func TestListNamesFilesThatDoNotWork(t *testing.T) {
	p := Place{FS: tree(map[string]string{"etc/docker/certs.d/reg.lan/ca.crt": "no PEM", "etc/containerd/certs.d/reg.lan/hosts.toml": "= 1"})}
	entries, err := p.List(time.Now())
	require.NoError(t, err)
	require.Len(t, entries, 2)
	require.Equal(t, "no certificate found", entries[0].Problem)
	require.Contains(t, entries[1].Problem, "line 1, column 1")
}

func TestListSaysWhatToolsSkip(t *testing.T) {
	ca, other := issue(t, "root", nil, -9, 9), issue(t, "other", nil, -9, 9)
	glued := strings.ReplaceAll(pemOf(ca, other), "-----\n-----", "----------")
	p := Place{FS: tree(map[string]string{
		"etc/docker/certs.d/a.lan/ca.crt": pemOf(ca, other), "etc/docker/certs.d/b.lan/ca.crt": glued, "etc/docker/certs.d/c.lan/ca.crt": pemOf(ca) + pemOf(other)[:100],
	})}
	entries, err := p.List(noon)
	require.NoError(t, err)
	problems := map[string][]string{}
	for _, e := range entries {
		problems[e.Host] = append(problems[e.Host], e.Problem)
		if e.Subject != "" {
			require.Equal(t, 9, *e.DaysLeft)
		}
	}
	require.Equal(t, []string{"", ""}, problems["a.lan"])
	require.Equal(t, "no certificate found", problems["b.lan"][0])
	require.Len(t, problems["c.lan"], 2)
	require.Regexp(t, `^only 1 of its certificates are read: line \d+: CERTIFICATE is truncated: no END line$`, problems["c.lan"][1])
}

func TestKeptAreTheFilesOfOthers(t *testing.T) {
	p := Place{FS: tree(map[string]string{
		"etc/docker/certs.d/reg.lan:5000/ca.crt": "", "etc/docker/certs.d/reg.lan:5000/me.cert": "",
		"etc/docker/certs.d/reg.lan:5000/ca.crt" + BackupSuffix: "", "etc/docker/certs.d/a.lan/ca.crt": "",
	})}
	gone := []File{{Path: "/etc/docker/certs.d/reg.lan:5000/ca.crt"}}
	require.Equal(t, []string{"/etc/docker/certs.d/reg.lan:5000/me.cert"}, p.Kept(host(t, "reg.lan:5000"), gone, Targets()...))
}

func TestReadDirs(t *testing.T) {
	user := Place{User: true, Home: "/home/me", ConfigHome: "/home/me/.xdg"}
	require.Equal(t, []string{"/home/me/.xdg/docker/certs.d", "/etc/docker/certs.d"}, user.readDirs(Docker))
	require.Equal(t, []string{"/home/me/.config/containers/certs.d", "/etc/containers/certs.d", "/etc/docker/certs.d"}, user.readDirs(Containers))
	machine := Place{Home: "/root", ConfigHome: "/root/.config"}
	require.Equal(t, []string{"/etc/docker/certs.d"}, machine.readDirs(Docker))
	require.Equal(t, []string{"/root/.config/containers/certs.d", "/etc/containers/certs.d", "/etc/docker/certs.d"}, machine.readDirs(Containers))
	require.Equal(t, []string{"/etc/containers/certs.d", "/etc/docker/certs.d"}, Place{}.readDirs(Containers))
}
