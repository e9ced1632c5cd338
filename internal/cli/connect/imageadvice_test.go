package connect_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"testing"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/images"
	"github.com/stretchr/testify/require"
)

// TestEveryKindOfImageErrorHasAdvice: a new kind without advice fails here.
func TestEveryKindOfImageErrorHasAdvice(t *testing.T) {
	env := &cmdutil.Env{Lookup: func(string) (string, bool) { return "", false }}
	for kind := images.InvalidReference; kind <= images.NoReferrers; kind++ {
		err := connect.AdviseImages(env, fmt.Errorf("wrapped: %w", &images.Error{Kind: kind, Name: "n", Tool: "xz", Err: errors.New("text")}))
		require.EqualError(t, err, "wrapped: text")
		require.NotEmpty(t, hint.Of(err), kind)
		switch {
		case kind <= images.OtherDigest:
			require.Equal(t, hint.Usage, hint.CodeOf(err), kind)
		case kind == images.Unauthorized || kind == images.Denied:
			require.Equal(t, hint.Denied, hint.CodeOf(err), kind)
		default:
			require.Equal(t, hint.Failed, hint.CodeOf(err), kind)
		}
	}
	plain := errors.New("plain")
	require.Equal(t, plain, connect.AdviseImages(env, plain))
	require.NoError(t, connect.AdviseImages(env, nil))
}

func TestAdviseImages(t *testing.T) {
	env := &cmdutil.Env{Lookup: func(string) (string, bool) { return "", false }}
	for _, c := range []struct {
		err  error
		want string
	}{
		{&images.Error{Kind: images.SchemeInReference, Name: "h/a"}, "write h/a"},
		{&images.Error{Kind: images.NoRegistryHost, Name: "library/a"}, "put the registry in front: HOST[:PORT]/library/a; for Docker Hub docker.io/library/a"},
		{&images.Error{Kind: images.SeveralImages, Name: "a b"}, "choose one: --image 'a b'"},
		{&images.Error{Kind: images.NoSuchImage, Name: "a:1"}, "--image a:1"},
		{&images.Error{Kind: images.NoSuchPlatform, Name: "linux/arm64"}, "--platform linux/arm64"},
		{&images.Error{Kind: images.Packed, Name: "my app.tar", Tool: "xz"}, "xz -dc 'my app.tar' | regctl image push - REF"},
		{&images.Error{Kind: images.Packed, Name: images.Stdin, Tool: "xz"}, "unpack it first: xz -dc FILE | regctl image push - REF"},
		{&images.Error{Kind: images.NoDirectory, Name: "a b"}, "mkdir -p 'a b'"},
		{&images.Error{Kind: images.Unauthorized, Name: "h:5000"}, "regctl login h:5000 -u USER"},
		{&images.Error{Kind: images.UnknownTag, Name: "h/a"}, "regctl image ls h/a"},
		{&images.Error{Kind: images.NoCatalog, Name: "h"}, "regctl image ls h/REPOSITORY"},
		{hint.New(&images.Error{Kind: images.NoCatalog, Name: "h"}, "own"), "own"},
		{&images.ConnectionError{Host: "h", Err: syscall.ECONNREFUSED}, "without a port, 443 is used; the registry may listen on another: h:5000"},
		{&images.ConnectionError{Host: "[::1]", Err: syscall.ECONNREFUSED}, "start a registry: regctl serve"},
		{&images.ConnectionError{Host: "localhost:5000", Err: syscall.ECONNREFUSED}, "start a registry: regctl serve"},
		{&images.ConnectionError{Host: "h:5000", Err: syscall.ECONNREFUSED}, "nothing listens there: check host and port"},
		{&images.ConnectionError{Host: "h:5000", Err: &net.DNSError{}}, "check the spelling of the host, and the name server"},
		{&images.ConnectionError{Host: "h:5000", Err: http.ErrSchemeMismatch}, "the registry speaks plain HTTP; --insecure allows that, and then anyone on the network can read the password"},
		{&images.ConnectionError{Host: "h:5000", Err: errors.New("x")}, ""},
		{hint.New(&images.ConnectionError{Host: "h:5000", Err: syscall.ECONNREFUSED}, "own"), "own"},
	} {
		if e := new(images.Error); errors.As(c.err, &e) {
			e.Err = errors.New("text")
		}
		require.Equal(t, c.want, hint.Of(connect.AdviseImages(env, c.err)))
	}
}
