package cmdutil

import (
	"context"
	"errors"
	"os"
	"syscall"

	"github.com/regctl/regctl/pkg/hint"
)

// Signal is the cause of a context that a signal has canceled.
type Signal struct{ os.Signal }

func (s Signal) Error() string {
	if s.Signal == os.Interrupt {
		return "interrupted"
	}
	return s.String()
}

// Is makes errors.Is(err, context.Canceled) true, as for every canceled context:
// net/http returns the cause of a context instead of its error.
func (s Signal) Is(target error) bool { return target == context.Canceled }

// Stopped returns what a command's error means when a signal has canceled its
// context: exit status 128 plus the signal's number, as shells report it. An error
// that is not about the cancellation keeps its text. Other errors are returned as they are.
func Stopped(ctx context.Context, err error) error {
	s, ok := errors.AsType[Signal](context.Cause(ctx))
	if err == nil || !ok {
		return err
	}
	if errors.Is(err, context.Canceled) {
		err = s
	}
	number, _ := s.Signal.(syscall.Signal)
	return &hint.Error{Err: err, Code: 128 + int(number)}
}
