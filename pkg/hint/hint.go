// Package hint carries, beside an error, what its reader should type next.
//
// A library returns hint.New(err, "regctl …"); whoever prints the error asks
// Of for the advice and CodeOf for the exit status. The rest of the program
// treats such an error as any other.
package hint

import (
	"errors"
	"fmt"
)

// Exit statuses of the program, as the help topic exit-codes lists them.
const (
	Failed = 1 // the work could not be done, or (diff) there are differences
	Usage  = 2 // the command line is wrong, or the user canceled
	Denied = 4 // credentials are missing, wrong or expired, or lack a right
)

// Error is an error with advice.
type Error struct {
	Err    error  // what went wrong
	Advice string // what to do now: a command to type, or one short sentence; may be empty
	Code   int    // Failed, Usage or Denied
}

// Error returns the text of the wrapped error alone: advice is printed on a line of its own.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the wrapped error to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Err }

// New adds advice to an error; nil stays nil. The code of an error that is already wrapped is kept.
func New(err error, advice string) error { return wrap(err, advice, CodeOf(err)) }

// Errorf is New(fmt.Errorf(format, args...), advice).
func Errorf(advice, format string, args ...any) error {
	return New(fmt.Errorf(format, args...), advice)
}

// BadUsage marks an error as a mistake in the command line.
func BadUsage(err error, advice string) error { return wrap(err, advice, Usage) }

// NotAllowed marks an error as a question of credentials or rights.
func NotAllowed(err error, advice string) error { return wrap(err, advice, Denied) }

func wrap(err error, advice string, code int) error {
	if err == nil {
		return nil
	}
	return &Error{Err: err, Advice: advice, Code: code}
}

// Of returns the outermost advice in an error's chain, or "".
func Of(err error) string {
	for e, ok := errors.AsType[*Error](err); ok; e, ok = errors.AsType[*Error](e.Err) {
		if e.Advice != "" {
			return e.Advice
		}
	}
	return ""
}

// CodeOf returns the exit status that an error asks for: 0 for nil, Failed where nothing was said.
func CodeOf(err error) int {
	if err == nil {
		return 0
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Code != 0 {
		return e.Code
	}
	return Failed
}
