package cli

import (
	"bytes"
	"slices"
	"testing"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/originals"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
)

// TestFlagsOfOriginals checks each line of the table of docs/flags.md against the program: what is the same, accepted
// or ignored parses, and what is refused ends with the hint that the table has.
func TestFlagsOfOriginals(t *testing.T) {
	for _, c := range originals.Commands() {
		cmd := commandOf(quietRoot(), c)
		for _, f := range c.Flags {
			name := c.Original + " --" + f.Name
			switch f.Status {
			case originals.Same, originals.Accepted, originals.Ignored:
				assert.Empty(t, c.Refused, name)
				assert.True(t, f.Status == originals.Same || f.Note != "", "%s has no note", name)
				parses(t, cmd, f, name)
			case originals.Refused:
				refused(t, c, f, name)
			default:
				t.Errorf("%s: unknown status %q", name, f.Status)
			}
		}
	}
}

func parses(t *testing.T, cmd *cobra.Command, f originals.Flag, name string) {
	t.Helper()
	flag := cmd.Flag(f.Name)
	if !assert.NotNil(t, flag, name) {
		return
	}
	if f.Short != "" && f.Status == originals.Same {
		assert.Equal(t, f.Short, flag.Shorthand, name)
	}
	if f.Value == "" {
		assert.NoError(t, cmd.ParseFlags([]string{"--" + f.Name}), name)
		return
	}
	values := []string{"name", "1", "30s", "a=b", "json", "pull", "Redirect", "None", "NodePort", "file"}
	assert.True(t, slices.ContainsFunc(values, func(v string) bool {
		return cmd.ParseFlags([]string{"--" + f.Name + "=" + v}) == nil
	}), "%s takes no value", name)
}

func refused(t *testing.T, c originals.Command, f originals.Flag, name string) {
	t.Helper()
	assert.NotEmpty(t, f.Note, name)
	arg := "--" + f.Name
	if f.Value != "" {
		arg += "=x"
	}
	var out, said bytes.Buffer
	args := append(append([]string{"regctl"}, c.Words...), arg)
	assert.Equal(t, hint.Usage, Main(t.Context(), args, &cmdutil.Env{Out: &out, Err: &said, Lookup: unset}), name)
	assert.Contains(t, said.String(), "\nhint: "+f.Note, name)
}

func unset(string) (string, bool) { return "", false }

func quietRoot() (root *cobra.Command) {
	return Root(&cmdutil.Env{Out: &bytes.Buffer{}, Err: &bytes.Buffer{}, Lookup: unset})
}

// TestEveryFlagOfTheTableIsThereOnce: a flag that stands twice would have two answers.
func TestEveryFlagOfTheTableIsThereOnce(t *testing.T) {
	for _, c := range originals.Commands() {
		seen := map[string]bool{}
		assert.NotEmpty(t, c.Flags, c.Original)
		for _, f := range c.Flags {
			assert.False(t, seen[f.Name], "%s --%s", c.Original, f.Name)
			seen[f.Name] = true
		}
	}
}
