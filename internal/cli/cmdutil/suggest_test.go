package cmdutil

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNearestTakesSlipsAndNoGuesses(t *testing.T) {
	list := []string{"ca", "image", "login", "logout", "serve", "trust", "version"}
	for word, want := range map[string]string{
		"versoin": "version", "imgae": "image", "serv": "serve", "lgoin": "login", "ver": "version",
		"ps": "", "cp": "", "xyz": "", "cat": "ca", "": "", "kubernetes": "",
	} {
		require.Equal(t, want, Nearest(word, list), word)
	}
}

func TestArgumentsOfAUsageLine(t *testing.T) {
	for line, want := range map[string]struct {
		needed []string
		most   int
	}{
		"":                        {nil, 0},
		"REF PATH|-":              {[]string{"REF", "PATH|-"}, 2},
		"SOURCE REF...":           {[]string{"SOURCE", "REF"}, math.MaxInt},
		"[NAME]":                  {nil, 1},
		"[HOST[:PORT]...]":        {nil, math.MaxInt},
		"HOST[:PORT]":             {[]string{"HOST[:PORT]"}, 1},
		"NAME [KEY=]SOURCE...":    {[]string{"NAME", "[KEY=]SOURCE"}, math.MaxInt},
		"HOST | HOST/REPOSITORY":  {[]string{"HOST|HOST/REPOSITORY"}, 1},
		"-f FILE|-":               {nil, 0},
		"TYPE/NAME --name VOLUME": {[]string{"TYPE/NAME"}, 1},
		"SCC (USER | -z SA)...":   {[]string{"SCC"}, math.MaxInt},
	} {
		needed, most := arguments(line)
		require.Equal(t, want.needed, needed, line)
		require.Equal(t, want.most, most, line)
	}
}

// FuzzArguments: no usage line makes the reader fail, and what is needed is always allowed.
func FuzzArguments(f *testing.F) {
	f.Add("SOURCE REF... [FLAG] (a | -b)...")
	f.Add("-f")
	f.Fuzz(func(t *testing.T, line string) {
		needed, most := arguments(line)
		require.LessOrEqual(t, len(needed), most, line)
	})
}
