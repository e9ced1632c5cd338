package serviceaccount

import (
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func newBook(t *testing.T) Store {
	t.Helper()
	dir := t.TempDir()
	return Store{Path: filepath.Join(dir, "config", "accounts.json"), Cache: filepath.Join(dir, "cache")}
}

func ci() Account { return Account{Context: "c", Namespace: "web", Name: "ci", Duration: "1h0m0s"} }

func TestBookKeepsWhatOthersPutAtTheSameTime(t *testing.T) {
	b := newBook(t)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() { require.NoError(t, b.Put("host:"+strconv.Itoa(1000+i), ci())) })
	}
	all.Wait()
	hosts, err := b.Hosts()
	require.NoError(t, err)
	require.Len(t, hosts, 20)
	info, err := os.Stat(b.Path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
}

func TestBookForgetsTheTokenToo(t *testing.T) {
	b := newBook(t)
	require.NoError(t, b.Put("host", ci()))
	require.NoError(t, b.Keep("host", Token{Account: ci(), Token: "t"}))
	require.True(t, b.Holds("host", "t"))
	known, err := b.Remove("host")
	require.NoError(t, err)
	require.True(t, known)
	require.False(t, b.Holds("host", "t"))
	require.NoDirExists(t, filepath.Join(b.Cache, "host"))
	known, err = b.Remove("host")
	require.NoError(t, err)
	require.False(t, known)
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		``:          "not a list of service accounts",
		`[]`:        "not a list of service accounts",
		`{"h": {}}`: "h: missing or invalid name, namespace or duration of the account",
		`{"../../h": {"name":"a","namespace":"b","duration":"1h"}}`: `"../../h" is not HOST[:PORT]`,
		`{"h": {"name":"a","namespace":"b","duration":"soon"}}`:     "missing or invalid name, namespace or duration",
		`{"h": {"name":"a","namespace":"b","duration":"-1h"}}`:      "missing or invalid name, namespace or duration",
	} {
		_, err := parse("file", []byte(text))
		require.ErrorContains(t, err, want, text)
	}
	all, err := parse("file", []byte(`null`))
	require.NoError(t, err)
	require.Empty(t, all)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"h:5000": {"kubeconfigs": ["/k"], "name":"a","namespace":"b","duration":"1h"}}`))
	f.Add([]byte(`{"..": {"name":"a","namespace":"b","duration":"1h"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := parse("file", text)
		if err != nil {
			return
		}
		b := Store{Cache: "/cache"}
		for host, a := range all {
			require.Equal(t, "/cache", filepath.Dir(b.folder(host)), "each token is in a folder of its own")
			d, err := a.Lifetime()
			require.NoError(t, err)
			require.Positive(t, d)
		}
	})
}
