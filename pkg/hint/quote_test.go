package hint_test

import (
	"os/exec"
	"testing"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/stretchr/testify/require"
)

// TestAShellReadsBackWhatWasQuoted asks a real shell.
func TestAShellReadsBackWhatWasQuoted(t *testing.T) {
	words := []string{"", "plain", "my app.tar", "it's", "$HOME", "a;b", "`id`", "\"", "a\\b", "*", "#a", "container#1", "~", "-n", "$(id)", "a\nb"}
	for c := rune(1); c < 128; c++ { // every character, alone, first and inside
		words = append(words, string(c), string(c)+"a", "a"+string(c)+"b")
	}
	for _, word := range words {
		out, err := exec.CommandContext(t.Context(), "sh", "-c", "printf %s. "+hint.Quote(word)).Output()
		require.NoError(t, err, word)
		require.Equal(t, word+".", string(out))
	}
	require.Equal(t, "a/b.tar 'c d'", hint.Quote("a/b.tar", "c d"))
}
