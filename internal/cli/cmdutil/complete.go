package cmdutil

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// completionTime bounds every completion: a shell waits for it.
const completionTime = 2 * time.Second

// Complete returns the completion of what find offers for the arguments before and the typed
// prefix. Errors and the end of its time leave nothing to offer. The Env of find has no input and
// discards messages: a completion never asks a question.
func Complete(env *Env, directive cobra.ShellCompDirective, find func(ctx context.Context, env *Env, args []string, typed string) []string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if cmd.Context() == nil {
			return nil, directive
		}
		ctx, stop := context.WithTimeout(cmd.Context(), completionTime)
		defer stop()
		quiet := *env
		quiet.In, quiet.Err = strings.NewReader(""), io.Discard
		found := make(chan []string, 1) // a credential helper or an exec plugin does not end with the context
		go func() { found <- find(ctx, &quiet, args, typed) }()
		select {
		case list := <-found:
			return slices.DeleteFunc(list, func(word string) bool { return !strings.HasPrefix(word, typed) }), directive
		case <-ctx.Done():
			return nil, directive
		}
	}
}
