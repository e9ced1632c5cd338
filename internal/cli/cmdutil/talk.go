package cmdutil

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strings"

	"github.com/regctl/regctl/internal/printable"
	"github.com/regctl/regctl/pkg/atomicfile"
	"github.com/regctl/regctl/pkg/hint"
	"golang.org/x/term"
)

// Say writes a message to stderr, unless -q was given.
func (e *Env) Say(format string, args ...any) {
	if !e.Quiet {
		fmt.Fprintln(e.Err, e.text(fmt.Sprintf(format, args...)))
	}
}

// Warn writes a warning to stderr, even with -q.
func (e *Env) Warn(format string, args ...any) {
	fmt.Fprintln(e.Err, e.paint("33", "warning:"), e.text(fmt.Sprintf(format, args...)))
}

// text is how a message is printed: its commands as the user can type them, and no escape sequences.
func (e *Env) text(message string) string { return printable.Text(e.Runnable(message)) }

// Logger logs to stderr: warnings, with -v also information, with -vv also details.
func (e *Env) Logger() *slog.Logger {
	level := slog.LevelWarn - slog.Level(4*e.Level)
	return slog.New(slog.NewTextHandler(e.Err, &slog.HandlerOptions{Level: level}))
}

// paint colors a word if stderr is a color terminal and colors are not disabled.
func (e *Env) paint(code, word string) string {
	_, tty := Terminal(e.Err)
	_, none := e.Lookup("NO_COLOR")
	on := tty && !none && e.Getenv("TERM") != "dumb"
	if e.Color == "always" || e.Color == "auto" && on {
		return "\x1b[" + code + "m" + word + "\x1b[0m"
	}
	return word
}

// PrintError prints an error and its hint. The program calls it once.
func (e *Env) PrintError(err error) {
	fmt.Fprintln(e.Err, e.paint("31", "error:"), e.text(err.Error()))
	if advice := hint.Of(err); advice != "" {
		fmt.Fprintln(e.Err, e.paint("36", "hint:"), e.text(advice))
	}
}

// Confirm asks a yes-or-no question on the terminal. Without a terminal it fails and names the flag that confirms.
func (e *Env) Confirm(question, flag string) error {
	if _, tty := Terminal(e.In); !tty {
		return hint.BadUsage(fmt.Errorf("not confirmed: %s", question), "add "+flag+" to confirm without a terminal")
	}
	fmt.Fprintf(e.Err, "%s [y/N] ", printable.Text(question))
	line, err := e.UnlessInterrupted(func() (string, error) { return ReadLine(e.In) })
	if err != nil && line == "" {
		fmt.Fprintln(e.Err)
		if errors.Is(err, context.Canceled) {
			return err
		}
		return hint.BadUsage(errors.New("canceled"), "")
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return nil
	}
	return hint.BadUsage(errors.New("canceled"), "")
}

// Password reads a password: from stdin if fromStdin is set (all of it,
// without one trailing line end, as docker does), else from a prompt without echo.
func (e *Env) Password(prompt string, fromStdin bool) (string, error) {
	if fromStdin {
		text, err := e.UnlessInterrupted(func() (string, error) {
			b, err := io.ReadAll(e.In)
			return string(b), err
		})
		return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r"), err
	}
	fd, tty := Terminal(e.In)
	if !tty {
		return "", hint.BadUsage(errors.New("a password is required, and there is no terminal to prompt for it"), "add --password-stdin and pipe the password to stdin")
	}
	state, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	fmt.Fprint(e.Err, prompt)
	password, err := e.UnlessInterrupted(func() (string, error) {
		b, err := term.ReadPassword(fd)
		return string(b), err
	})
	fmt.Fprintln(e.Err)
	return password, errors.Join(err, term.Restore(fd, state)) // an interrupted prompt leaves the echo off
}

// UnlessInterrupted calls read, which no context can cancel, and returns early when the user presses Ctrl-C.
func (e *Env) UnlessInterrupted(read func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		text, err := read()
		got <- answer{text, err}
	}()
	select {
	case a := <-got:
		return a.text, a.err
	case <-e.Interrupted:
		return "", context.Canceled
	}
}

// NewPassword reads a new password: from stdin, or twice from a prompt.
func (e *Env) NewPassword(fromStdin bool) (string, error) {
	first, err := e.Password("New password: ", fromStdin)
	if err != nil || fromStdin {
		return first, err
	}
	second, err := e.Password("Repeat password: ", false)
	if err == nil && first != second {
		err = hint.BadUsage(errors.New("the passwords do not match"), "")
	}
	return first, err
}

// ReadLine reads one line without consuming the input after it.
func ReadLine(r io.Reader) (string, error) {
	return bufio.NewReaderSize(r, 16).ReadString('\n')
}

// FileError prefixes an error with the file name, without repeating it.
func FileError(name string, err error) error {
	return fmt.Errorf("%s: %w", name, atomicfile.Cause(err))
}

// MayNot adds a hint if the user lacks permission to read or write a file.
func MayNot(err error, advice string) error {
	if errors.Is(err, fs.ErrPermission) && hint.Of(err) == "" {
		return hint.New(err, advice)
	}
	return err
}
