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
		again, err := s.Over(s)
		require.NoError(t, err)
		require.Equal(t, s.Name, again.Name)
	})
}
