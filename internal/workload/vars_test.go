package workload_test

import (
	"strings"
	"testing"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/workload"
	"github.com/stretchr/testify/require"
)

func vars(tb testing.TB, o *cluster.Object, container string) string {
	tb.Helper()
	all, err := workload.Vars(o, container)
	require.NoError(tb, err)
	lines := []string{}
	for _, v := range all[0].Vars {
		lines = append(lines, v.Line())
	}
	return strings.Join(lines, " ")
}

func TestChangeVars(t *testing.T) {
	const doc = `{kind: Deployment, apiVersion: apps/v1, metadata: {name: x}, spec: {template: {spec: {
		initContainers: [{name: init}], containers: [{name: c, env: [
			{name: A, value: "1"}, {name: B, valueFrom: {secretKeyRef: {name: s, key: k}}}, {name: A, value: "2"}, {name: E}]}]}}}}`
	for name, c := range map[string]struct {
		args []string
		keep bool
		want string
		err  string
	}{
		"order is kept, the first place counts": {args: []string{"N=1", "A=3"}, want: "A=3 # B from secret s, key k E= N=1"},
		"a reference becomes a value":           {args: []string{"B=x"}, want: "A=1 B=x A=2 E="},
		"all of a name go":                      {args: []string{"A-"}, want: "# B from secret s, key k E="},
		"what is not there may go":              {args: []string{"X-"}, want: "A=1 # B from secret s, key k A=2 E="},
		"an empty value is one":                 {args: []string{"E=", "F="}, want: "A=1 # B from secret s, key k A=2 E= F="},
		"the last of a command counts":          {args: []string{"N=1", "N=2"}, want: "A=1 # B from secret s, key k A=2 E= N=2"},
		"refused":                               {args: []string{"A=3"}, keep: true, err: "'A' already has a value (1), and --overwrite is false"},
		"refused for a reference":               {args: []string{"B=3"}, keep: true, err: "'B' already has a value (from secret s, key k), and --overwrite is false"},
		"the same is no change":                 {args: []string{"E="}, keep: true, want: "A=1 # B from secret s, key k A=2 E="},
	} {
		t.Run(name, func(t *testing.T) {
			o := object(t, doc)
			change := workload.VarChange{Keep: c.keep, Containers: "c"}
			for _, arg := range c.args {
				require.NoError(t, change.ParseVar(arg))
			}
			require.NoError(t, change.Check())
			_, err := workload.ChangeVars(o, change)
			if c.err != "" {
				require.EqualError(t, err, c.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, vars(t, o, "c"))
			before := pod(t, o)
			change.Keep = false
			_, err = workload.ChangeVars(o, change)
			require.NoError(t, err)
			require.Equal(t, before, pod(t, o), "a second run")
		})
	}
}

func TestVarsOfInitContainersAndBuilds(t *testing.T) {
	o := object(t, registry)
	_, err := workload.ChangeVars(o, workload.VarChange{Set: []workload.Var{{Name: "A", Value: "1"}}, Containers: "*"})
	require.NoError(t, err)
	for _, c := range []string{"prepare", "registry", "sidecar"} {
		require.Equal(t, "A=1", vars(t, o, c))
	}
	build := object(t, "{kind: BuildConfig, apiVersion: build.openshift.io/v1, metadata: {name: b}, spec: {strategy: {type: Source, sourceStrategy: {env: [{name: A}]}}}}")
	_, err = workload.ChangeVars(build, workload.VarChange{Set: []workload.Var{{Name: "A", Value: "1"}}, Containers: "*"})
	require.NoError(t, err)
	require.Equal(t, "A=1", vars(t, build, "*"))
}

func TestContradictions(t *testing.T) {
	require.EqualError(t, workload.VarChange{}.Check(), "at least one environment variable must be provided")
	require.EqualError(t, workload.VarChange{Set: []workload.Var{{Name: "A"}}, Unset: []string{"A"}}.Check(), "A is both set and removed")
	for _, arg := range []string{"=x", "1A=x", "A B=x", "A", "-", "a/b=c"} {
		require.Error(t, (&workload.VarChange{}).ParseVar(arg), arg)
	}
	require.NotContains(t, (&workload.VarChange{}).ParseVar("this line is no variable but a password").Error(), "password")
}

func TestFromKeys(t *testing.T) {
	got := workload.FromKeys("Secret", "s3", []string{"access.key", "Secret-Key2"})
	require.Equal(t, []workload.Var{
		{Name: "ACCESS_KEY", From: map[string]any{"secretKeyRef": map[string]any{"name": "s3", "key": "access.key"}}},
		{Name: "SECRET_KEY2", From: map[string]any{"secretKeyRef": map[string]any{"name": "s3", "key": "Secret-Key2"}}},
	}, got)
}

func TestReadVars(t *testing.T) {
	in := "# a comment\n\nA=1 # no comment\r\n  B=b=c#d \nQ=\"v\"\nM=\"first\nsecond # two\n  third\"\nP='x\n'\nGONE-\nEMPTY=\n"
	var c workload.VarChange
	require.NoError(t, c.ReadVars(strings.NewReader(in)))
	require.Equal(t, []workload.Var{
		{Name: "A", Value: "1 # no comment"}, {Name: "B", Value: "b=c#d "}, {Name: "Q", Value: `"v"`},
		{Name: "M", Value: "first\nsecond # two\n  third"}, {Name: "P", Value: "x\n"}, {Name: "EMPTY"},
	}, c.Set)
	require.Equal(t, []string{"GONE"}, c.Unset)

	for in, want := range map[string]string{
		"A=1\nM=\"open\nB=2\n": "stdin, line 2: unclosed quote",
		"A=1\n\nnothing\n":     `stdin, line 3: "nothing": must be KEY=VALUE or KEY-`,
	} {
		require.EqualError(t, (&workload.VarChange{}).ReadVars(strings.NewReader(in)), want)
	}
}

func FuzzReadVars(f *testing.F) {
	for _, s := range []string{"A=1\nB=2#x", "A=\"x\ny\"", "# c\nK-", "A='", "=\n", "A=\"\n\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var c workload.VarChange
		if c.ReadVars(strings.NewReader(s)) != nil {
			return
		}
		for _, v := range c.Set {
			require.NoError(t, workload.CheckVarName(v.Name))
			require.Contains(t, strings.ReplaceAll(s, "\r", ""), strings.Split(strings.ReplaceAll(v.Value, "\r", ""), "\n")[0])
		}
	})
}

func FuzzParseVar(f *testing.F) {
	for _, s := range []string{"A=1", "A-", "A=b=c", "A==", "-", "", "A=\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var c workload.VarChange
		if c.ParseVar(s) != nil {
			return
		}
		require.True(t, workload.IsVar(s))
		if len(c.Set) == 1 {
			require.Equal(t, s, c.Set[0].Name+"="+c.Set[0].Value)
			if !strings.ContainsAny(s, "\n\r") && !strings.HasPrefix(c.Set[0].Value, `"`) && !strings.HasPrefix(c.Set[0].Value, "'") {
				var read workload.VarChange
				line := workload.VarInfo{Name: c.Set[0].Name, Value: c.Set[0].Value}.Line()
				require.NoError(t, read.ReadVars(strings.NewReader(line)))
				require.Equal(t, c.Set, read.Set, "a list can be read again")
			}
		} else {
			require.Equal(t, s, c.Unset[0]+"-")
		}
	})
}

func TestListLines(t *testing.T) {
	require.Equal(t, "A='x\n\"y\"'", workload.VarInfo{Name: "A", Value: "x\n\"y\""}.Line())
	require.Equal(t, "# A from field path metadata.name", workload.VarInfo{Name: "A", From: &workload.Ref{Kind: "field", Key: "metadata.name"}}.Line())
	require.Equal(t, "# all keys of configmap c, with prefix P_", workload.Ref{Kind: "configmap", Name: "c", Key: "P_"}.AllLine())
}
