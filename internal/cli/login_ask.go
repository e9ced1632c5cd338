package cli

import (
	"context"
	"fmt"

	"golang.org/x/term"
)

// ask is Password that an interrupt ends, with the terminal's echo as it was.
func (e *Env) ask(ctx context.Context, prompt string, fromStdin bool) (string, error) {
	type answer struct {
		text string
		err  error
	}
	restore := func() {}
	if fd, tty := terminal(e.In); tty {
		if state, err := term.GetState(fd); err == nil {
			restore = func() {
				_ = term.Restore(fd, state)
				fmt.Fprintln(e.Err) // the prompt's line is not over
			}
		}
	}
	got := make(chan answer, 1)
	go func() {
		text, err := e.Password(prompt, fromStdin)
		got <- answer{text, err}
	}()
	select {
	case a := <-got:
		return a.text, a.err
	case <-ctx.Done():
		restore()
		return "", ctx.Err()
	}
}
