package opensvc

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/platformtest"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/stretchr/testify/require"
)

// offline is OpenSVC with no command on this machine.
func offline(g Generation) *Platform {
	return &Platform{
		Agent: Agent{Generation: g}, Rand: bytes.NewReader(bytes.Repeat([]byte{7}, 4096)),
		Now:  func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
		Warn: func(string, ...any) {}, Confirm: func(string) error { return errors.New("no") },
	}
}

func TestPlatform(t *testing.T) {
	platformtest.Run(t, func(*testing.T) platform.Platform { return offline(Python) })
}

// The configurations are those of the agents' own documentation, with TLS and users.
func TestGolden(t *testing.T) {
	ca, err := os.ReadFile("testdata/ca.crt")
	require.NoError(t, err)
	for _, g := range []Generation{Python, OM3} {
		for name, s := range map[string]platform.Spec{
			"default":  {Storage: &platform.Storage{PVC: &platform.PVC{Size: "10Gi"}}},
			"open":     {Storage: &platform.Storage{PVC: &platform.PVC{Size: "20g"}}, TLS: &platform.TLS{Off: true}, Auth: &platform.Auth{Kind: platform.AuthNone}},
			"s3":       {Storage: &platform.Storage{S3: &platform.S3{Bucket: "images/prefix", Region: "eu", Endpoint: "https://s3.example.com", CA: string(ca), Access: platform.Access{Credentials: []byte("[default]\naws_access_key_id = a\naws_secret_access_key = sesame\n")}}}},
			"hostpath": {Storage: &platform.Storage{HostPath: &platform.HostPath{Path: "/srv/registry"}}, Workload: &platform.Workload{Image: "regctl/regctl:v1.0.0"}, Service: &platform.Service{Orchestrate: "no", Nodes: "n1 n2", Cluster: "homepool2"}},
		} {
			t.Run(string(g)+" "+name, func(t *testing.T) {
				s.Name, s.Namespace = "registry", "test"
				p := offline(g)
				full, err := p.Complete(t.Context(), s)
				require.NoError(t, err)
				changes, err := p.Plan(t.Context(), full)
				require.NoError(t, err)
				text, commands := p.ByHand(full, changes, "registry.conf")
				for _, c := range commands {
					text += "# " + c + "\n"
				}
				file := filepath.Join("testdata", name+"-agent"+string(g)+".conf")
				if os.Getenv("REGCTL_UPDATE_GOLDEN") != "" {
					require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
				}
				require.NotContains(t, text, "sesame")
				want, err := os.ReadFile(file)
				require.NoError(t, err)
				require.Equal(t, string(want), text, "REGCTL_UPDATE_GOLDEN=1 go test writes it anew")
			})
		}
	}
}

func TestSize(t *testing.T) {
	for text, want := range map[string]string{"10g": "10g", "10G": "10g", "10Gi": "10g", "10GiB": "10g", "512mb": "512m", "1t": "1t"} {
		got, err := size(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
	for _, bad := range []string{"", "0g", "g", "-1g", "1.5g", "10", "10x", "10 g", "ten", "10gg"} {
		_, err := size(bad)
		require.Error(t, err, bad)
		require.NotEmpty(t, hint.Of(err))
	}
}

func TestParsePath(t *testing.T) {
	for text, want := range map[string]Path{
		"registry": {"", "registry"}, "test/registry": {"test", "registry"}, "test/svc/registry": {"test", "registry"}, "root/svc/r": {"", "r"},
	} {
		got, err := ParsePath(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
	for _, bad := range []string{"", "/", "a/", "/b", "a/b/c", "a/vol/b", "A/b", "a b", "a/svc/", "-a", "a/b/svc/c"} {
		_, err := ParsePath(bad)
		require.Error(t, err, "%q", bad)
	}
}

// The sample is that of the agents' documentation.
func TestParseStatus(t *testing.T) {
	text, err := os.ReadFile("testdata/print-status.txt")
	require.NoError(t, err)
	s := parseStatus(string(text))
	require.Equal(t, Status{State: "up", Instances: []Instance{
		{Node: "node-a", State: "down", Monitor: "idle"},
		{Node: "node-b", State: "up", Monitor: "idle, started", Resources: []Resource{
			{"ip#1", "up", "........", "cni default 10.22.0.122/16 eth12"},
			{"volume#1", "up", "........", "registry-data"},
			{"container#0", "up", "........", "docker container test..registry.container.0@google/pause"},
			{"container#1", "up", "........", "docker container test..registry.container.1@registry"},
			{"sync#i0", "up", "...O./..", "rsync svc config to nodes"},
		}},
	}}, s)
}

func TestConfigKeepsWhatOthersHaveSet(t *testing.T) {
	live := parseConfig("[DEFAULT]\nid = 5f\nnodes = n1\n\n[container#1]\nimage = old\nvolume_mounts = a:b\n  c:d\n\n[task#1]\ncommand = x\n")
	require.Equal(t, "a:b c:d", live.get("container#1", "volume_mounts"))
	var want config
	want.add("DEFAULT", "nodes", "n1 n2")
	want.add("container#1", "image", "new", "netns", "container#0")
	want.add("env", "size", "10g")
	require.Equal(t, "[DEFAULT]\nid = 5f\nnodes = n1 n2\n\n[container#1]\nimage = new\nnetns = container#0\n\n[task#1]\ncommand = x\n\n[env]\nsize = 10g\n",
		live.less([]string{"container#1.volume_mounts"}).over(want).String())
	require.Equal(t, "old", live.get("container#1", "image"), "what was read is not changed")
}

func FuzzParseConfig(f *testing.F) {
	f.Add("[DEFAULT]\nid = 5f\n[container#1]\nimage = old\n volume = x\n")
	f.Add("x\n=\n[\n[]\n ]\n")
	f.Fuzz(func(t *testing.T, text string) {
		c := parseConfig(text)
		require.Equal(t, c.String(), parseConfig(c.String()).String())
		_ = parseStatus(text)
	})
}

func TestDiffsTellThatAKeyDiffersAndNothingOfIt(t *testing.T) {
	live, want := []byte(`{"config.json":"`+digest([]byte("old"))+`","tls.key":"set"}`), []byte(`{"config.json":"`+digest([]byte("new"))+`","tls.key":"set"}`)
	shown := (&sec{}).View(plan.Result{Live: live, Want: want})
	require.JSONEq(t, `{"config.json":"set","tls.key":"set"}`, string(shown.Live))
	require.JSONEq(t, `{"config.json":"set (differs)","tls.key":"set"}`, string(shown.Want))
	made := (&sec{}).View(plan.Result{Want: want})
	require.Nil(t, made.Live)
	require.NotContains(t, string(made.Want), "sha256")
}
