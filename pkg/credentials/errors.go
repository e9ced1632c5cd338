package credentials

import (
	"errors"
	"fmt"
)

// ErrRefused is wrapped by the error of a registry that refuses the credentials.
var ErrRefused = errors.New("the registry refused the user name or password")

// Kind is the kind of an Error: from it a program can tell what its user should do.
type Kind int

// Kinds, with what Error.Name is.
const (
	InvalidUser     Kind = iota + 1 // a user name that cannot be sent
	ColonInUser                     // a user name with a colon: the user name
	InvalidPassword                 // a password that is empty or cannot be sent
	UnknownTarget                   // Targets was given no known word and no path: the word
	NoHome                          // HOME is not set
	MalformedFile                   // a file that is not a credentials file: its path, or $VARIABLE
	NoAccess                        // a file that cannot be read or written: its path
	Locked                          // a file that another process keeps locked: its path
	InvalidEntry                    // an entry of a file that cannot be decoded: its host
	HelperMissing                   // a credential helper that is not on the PATH: the program
	HelperFailed                    // a credential helper that failed: the program
	HelperNeedsUTF8                 // a password that a helper cannot store: the program
	HelperInLegacy                  // a .dockercfg, which cannot name a helper: its path
	Refused                         // a registry that refuses the credentials: the host
	NoRegistry                      // a server that is not a registry: the host
)

// Error is an error of this package that a user can resolve.
type Error struct {
	Kind Kind
	Name string // see Kind
	File string // of HelperMissing: the file that names the helper; may be empty
	Err  error
}

// Error returns the text of the wrapped error.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the wrapped error.
func (e *Error) Unwrap() error { return e.Err }

func errorf(kind Kind, name, format string, args ...any) error {
	return &Error{Kind: kind, Name: name, Err: fmt.Errorf(format, args...)}
}
