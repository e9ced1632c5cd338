// Package cmdutil holds what all commands share: Env, output, errors, help pages and suggestions for mistyped commands.
package cmdutil

import (
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Env is everything of the outside world that a command uses: streams,
// environment, clock, randomness and the user. Tests pass their own.
type Env struct {
	In  io.Reader
	Out io.Writer // results
	Err io.Writer // messages

	Lookup  func(name string) (string, bool) // a variable of the environment
	Environ func() []string                  // the whole environment as NAME=VALUE; nil if unknown
	Now     func() time.Time
	Rand    io.Reader
	UID     int           // of the user; 0 is root
	Program func() string // how the user can call regctl; nil: by its name

	Quiet  bool
	Silent bool // -q was given twice
	Color  string
	Level  int // how often -v was given

	Commands    *cobra.Command  // the tree of commands, to recognize commands in messages; nil: not known
	Args        []string        // the command line, without the program's name
	Ran         bool            // the command line is valid and the command has started
	Interrupted <-chan struct{} // closed when the user presses Ctrl-C
}

// System is the Env of the running process.
func System() *Env {
	return &Env{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Lookup: os.LookupEnv, Environ: os.Environ, Now: time.Now, Rand: rand.Reader, UID: os.Getuid(), Program: Program,
	}
}

// Getenv returns the value of an environment variable, or "" if it is unset.
func (e *Env) Getenv(name string) string {
	v, _ := e.Lookup(name)
	return v
}

// Home is the user's home directory ($HOME).
func (e *Env) Home() string { return e.Getenv("HOME") }

// ConfigHome is $XDG_CONFIG_HOME (default ~/.config).
func (e *Env) ConfigHome() string { return e.xdg("XDG_CONFIG_HOME", ".config") }

// DataHome is $XDG_DATA_HOME (default ~/.local/share).
func (e *Env) DataHome() string { return e.xdg("XDG_DATA_HOME", ".local/share") }

// CacheHome is $XDG_CACHE_HOME (default ~/.cache).
func (e *Env) CacheHome() string { return e.xdg("XDG_CACHE_HOME", ".cache") }

func (e *Env) xdg(name, below string) string {
	if dir := e.Getenv(name); filepath.IsAbs(dir) { // the XDG specification ignores relative ones
		return dir
	}
	return filepath.Join(e.Home(), below)
}

// Terminal reports whether a stream of the Env is a terminal, and its file descriptor.
func Terminal(stream any) (fd int, ok bool) {
	if s, ok := stream.(*Sink); ok {
		stream = s.To
	}
	f, isFile := stream.(interface{ Fd() uintptr })
	if !isFile {
		return 0, false
	}
	return int(f.Fd()), term.IsTerminal(int(f.Fd()))
}
