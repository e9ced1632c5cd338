package platform

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParsePorts(t *testing.T) {
	got, err := ParsePorts("5000, 5001:80")
	require.NoError(t, err)
	require.Equal(t, []Port{{Container: 5000}, {Container: 5001, Host: 80}}, got)
	for _, bad := range []string{"", ",", "5000,", "a", "1:2:3", "0", "65536", "-1", "1:", ":1", "5000,5000", "+5"} {
		_, err := ParsePorts(bad)
		require.Error(t, err, "%q", bad)
	}
}

func TestParseLabels(t *testing.T) {
	for text, want := range map[string]map[string]string{
		"":                {},
		"a=b":             {"a": "b"},
		"a=b, c/d=,e=f=g": {"a": "b", "c/d": "", "e": "f=g"},
	} {
		got, err := ParseLabels(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
	for _, bad := range []string{"a", "a-", "=b", "a=b,", ",", "a=b,a=c"} {
		_, err := ParseLabels(bad)
		require.Error(t, err, "%q", bad)
	}
}

func TestParseGroups(t *testing.T) {
	got, err := ParseGroups("7, 2000")
	require.NoError(t, err)
	require.Equal(t, []int64{7, 2000}, got)
	for _, bad := range []string{"", "0", "-1", "x", "1,", "9999999999"} {
		_, err := ParseGroups(bad)
		require.Error(t, err, "%q", bad)
	}
}

func TestParseTolerations(t *testing.T) {
	for text, want := range map[string]Toleration{
		"k":                         {Key: "k", Operator: "Exists"},
		"k=v":                       {Key: "k", Operator: "Equal", Value: "v"},
		"k=":                        {Key: "k", Operator: "Equal"},
		"k=a=b":                     {Key: "k", Operator: "Equal", Value: "a=b"},
		"k:NoSchedule":              {Key: "k", Operator: "Exists", Effect: "NoSchedule"},
		"k=v:PreferNoSchedule":      {Key: "k", Operator: "Equal", Value: "v", Effect: "PreferNoSchedule"},
		"example.com/k=v:NoExecute": {Key: "example.com/k", Operator: "Equal", Value: "v", Effect: "NoExecute"},
	} {
		got, err := ParseTolerations([]string{"", text})
		require.NoError(t, err, text)
		require.Equal(t, []Toleration{want}, got, text)
	}
	none, err := ParseTolerations([]string{""})
	require.NoError(t, err)
	require.Equal(t, []Toleration{}, none, "an empty one removes all of them")
	for _, bad := range []string{"=v", ":NoSchedule", "k:Never", "k=v:noschedule", "k:NoSchedule:5"} {
		_, err := ParseTolerations([]string{bad})
		require.Error(t, err, bad)
	}
}

func TestParseQueue(t *testing.T) {
	for text, want := range map[string]Queue{
		"100": {Running: 100}, "100,200": {Running: 100, Queued: 200}, "1, 2, 10s": {Running: 1, Queued: 2, Wait: "10s"}, "0": {},
	} {
		got, err := ParseQueue(text)
		require.NoError(t, err, text)
		require.Equal(t, want, *got)
	}
	for _, bad := range []string{"", "x", "-1", "1,x", "1,2,3s,4", "9999999999"} {
		_, err := ParseQueue(bad)
		require.Error(t, err, bad)
	}
}

func FuzzParseDocument(f *testing.F) {
	f.Add("apiVersion: regctl.io/v1\nkind: Registry\nmetadata: {name: x}\nspec: {storage: {pvc: {claim: a, size: 1Gi}}}\n")
	f.Add(`{"apiVersion":"regctl.io/v1","kind":"Registry","spec":{"workload":{"replicas":3,"labels":{}}}}`)
	f.Add("---\n# nothing\n---\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseDocument([]byte(text))
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		_ = s.Check()
		again := s.Over(s)
		require.Equal(t, s.Name, again.Name)
	})
}
