package hint_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/stretchr/testify/require"
)

func TestAdviceAndCodeSurviveWrapping(t *testing.T) {
	base := errors.New("no token")
	err := fmt.Errorf("login: %w", hint.NotAllowed(base, "oc login"))
	require.EqualError(t, err, "login: no token")
	require.Equal(t, "oc login", hint.Of(err))
	require.Equal(t, hint.Denied, hint.CodeOf(err))
	require.ErrorIs(t, err, base)
}

func TestOuterAdviceWinsAndCodeIsKept(t *testing.T) {
	inner := hint.BadUsage(errors.New("x"), "inner")
	require.Equal(t, "outer", hint.Of(hint.New(inner, "outer")))
	require.Equal(t, "inner", hint.Of(hint.New(inner, "")))
	require.Equal(t, hint.Usage, hint.CodeOf(hint.New(inner, "outer")))
}

func TestNilStaysNil(t *testing.T) {
	require.NoError(t, hint.New(nil, "x"))
	require.Zero(t, hint.CodeOf(nil))
	require.Equal(t, hint.Failed, hint.CodeOf(errors.New("plain")))
	require.Empty(t, hint.Of(errors.New("plain")))
}
