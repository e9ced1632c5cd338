package workload_test

import (
	"strings"
	"testing"

	"github.com/regctl/regctl/internal/workload"
	"github.com/stretchr/testify/require"
)

func TestModesAtTheirBounds(t *testing.T) {
	for mode, want := range map[string]int64{"0000": 0, "0777": 0o777, "": 0o644} {
		got, err := workload.SourceFlags{Secret: "s", Mode: mode}.Source()
		require.NoError(t, err, mode)
		require.Equal(t, workload.Source{"secret": map[string]any{"secretName": "s", "defaultMode": want}}, got)
	}
	for _, mode := range []string{"-1", "01000"} {
		_, err := workload.SourceFlags{Secret: "s", Mode: mode}.Source()
		require.ErrorContains(t, err, "--default-mode "+mode)
	}
}

func TestIsVar(t *testing.T) {
	for arg, want := range map[string]bool{"A=b": true, "A=": true, "A-": true, "-": false, "A": false, "dc/a-b": false, "": false} {
		require.Equal(t, want, workload.IsVar(arg), arg)
	}
}

func TestNamesOfVariablesOfKeys(t *testing.T) {
	require.Equal(t, "AZ_09__TLS_CRT_", workload.VarNameOf("az_09-.tls.crt:"))
	require.Equal(t, "AZ___", workload.VarNameOf("AZ@`{"))
}

func TestQuotesOfOneCharacter(t *testing.T) {
	for line, want := range map[string]string{
		"A='":  "stdin, line 1: unclosed quote",
		"A=''": "", `A="x"`: "", "A='x\ny'": "", "A='x\ny": "stdin, line 1: unclosed quote",
		"# comment\n\nA='x\ny'\nB=\"": "stdin, line 5: unclosed quote",
	} {
		var c workload.VarChange
		err := c.ReadVars(strings.NewReader(line))
		if want == "" {
			require.NoError(t, err, line)
			continue
		}
		require.EqualError(t, err, want, line)
	}
}

func TestChangesThatRemoveAlone(t *testing.T) {
	require.NoError(t, workload.VarChange{Unset: []string{"A"}}.Check())
	require.NoError(t, workload.VarChange{Set: []workload.Var{{Name: "A"}}, Unset: []string{"B"}}.Check())
	require.Error(t, workload.VarChange{}.Check())
}

func TestStrategiesOfBuildsByName(t *testing.T) {
	build := `{apiVersion: build.openshift.io/v1, kind: BuildConfig, metadata: {name: b}, spec: {strategy: {type: Docker, dockerStrategy: {from: {}}}}}`
	for pattern, found := range map[string]bool{"": true, "docker*": true, "*": true, "source*": false, "type": false} {
		o := object(t, build)
		_, err := workload.ChangeVars(o, workload.VarChange{Set: []workload.Var{{Name: "A", Value: "b"}}, Containers: pattern})
		require.Equal(t, found, err == nil, pattern)
	}
}

func TestClaimsAreListedOfClaimsAlone(t *testing.T) {
	o := object(t, registry)
	_, err := workload.AddVolume(o, workload.Volume{Name: "data", Source: claim(t, "images")})
	require.NoError(t, err)
	all, err := workload.Volumes(o, "*")
	require.NoError(t, err)
	claims := map[string]string{}
	for _, v := range all {
		claims[v.Name] = v.Claim
	}
	require.Equal(t, map[string]string{"data": "images", "certs": "", "registry-storage": ""}, claims)
}

func TestMountsThatDifferInOnePartAreNotTheSame(t *testing.T) {
	sub, no, yes := "images", false, true
	certs := source(t, `{"secret":{"secretName":"registry-certs"}}`)
	o := object(t, registry)
	add := func(m workload.Mount) error {
		_, err := workload.AddVolume(o, workload.Volume{Name: "certs", Source: certs, Mount: &m, Containers: "registry"})
		return err
	}
	require.Error(t, add(workload.Mount{Path: "/certs", SubPath: &sub, ReadOnly: &yes}), "a volume of that name is there, with no such mount")
	_, err := workload.AddVolume(o, workload.Volume{Name: "certs", Source: certs, Mount: &workload.Mount{Path: "/certs", SubPath: &sub, ReadOnly: &yes}, Containers: "registry", Overwrite: true})
	require.NoError(t, err)
	other := "other"
	require.NoError(t, add(workload.Mount{Path: "/certs/", SubPath: &sub, ReadOnly: &yes}))
	require.NoError(t, add(workload.Mount{Path: "/certs"}))
	require.Error(t, add(workload.Mount{Path: "/certs", SubPath: &other}))
	require.Error(t, add(workload.Mount{Path: "/certs", ReadOnly: &no}))
	require.Error(t, add(workload.Mount{Path: "/elsewhere"}))
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	o := object(t, `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c}]}}`)
	out, err := workload.RemoveVolume(o, workload.Removal{Name: "v"})
	require.NoError(t, err)
	require.Equal(t, []string{"volume 'v' not found; volumes: none"}, out.Warnings)
}
