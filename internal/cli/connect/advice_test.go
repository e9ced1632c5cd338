package connect_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/stretchr/testify/require"
)

func TestAdvise(t *testing.T) {
	for _, c := range []struct {
		err    credentials.Error
		advice string
		code   int
	}{
		{credentials.Error{Kind: credentials.InvalidUser}, "", hint.Usage},
		{credentials.Error{Kind: credentials.ColonInUser, Name: "kube:admin"}, "with a token as the password, use any name: -u kube-admin", hint.Usage},
		{credentials.Error{Kind: credentials.InvalidPassword}, "", hint.Usage},
		{credentials.Error{Kind: credentials.UnknownTarget, Name: "podman"}, "--to containers", hint.Usage},
		{credentials.Error{Kind: credentials.UnknownTarget, Name: "skopeo"}, "--to containers", hint.Usage},
		{credentials.Error{Kind: credentials.UnknownTarget, Name: "buildah"}, "--to containers", hint.Usage},
		{credentials.Error{Kind: credentials.UnknownTarget, Name: "mine"}, "--to ./mine for a file of that name", hint.Usage},
		{credentials.Error{Kind: credentials.NoHome}, "set HOME, or DOCKER_CONFIG and REGISTRY_AUTH_FILE, or name a file: --to FILE", hint.Failed},
		{credentials.Error{Kind: credentials.MalformedFile, Name: "/a b"}, "correct the file, or move it away: mv '/a b' '/a b.bad'", hint.Failed},
		{credentials.Error{Kind: credentials.MalformedFile, Name: "$DOCKER_AUTH_CONFIG"}, "correct it, or do without it: unset DOCKER_AUTH_CONFIG", hint.Failed},
		{credentials.Error{Kind: credentials.NoAccess, Name: "/a"}, "show the permissions: namei -l /a", hint.Failed},
		{credentials.Error{Kind: credentials.Locked, Name: "/a/b"}, "show the process: fuser -v /a", hint.Failed},
		{credentials.Error{Kind: credentials.InvalidEntry, Name: "quay.io"}, "log in again: regctl login quay.io -u USER", hint.Failed},
		{credentials.Error{Kind: credentials.HelperMissing, Name: "docker-credential-regctl"}, "regctl credential-helper install", hint.Failed},
		{
			credentials.Error{Kind: credentials.HelperMissing, Name: "docker-credential-x", File: "/f"},
			"install docker-credential-x, or remove it (credsStore, credHelpers) from /f, or write the other file: regctl login --to containers", hint.Failed,
		},
		{credentials.Error{Kind: credentials.HelperFailed, Name: "docker-credential-x"}, "ask it directly: echo HOST | docker-credential-x get", hint.Failed},
		{credentials.Error{Kind: credentials.HelperNeedsUTF8}, "--to containers", hint.Usage},
		{credentials.Error{Kind: credentials.HelperInLegacy}, "--to docker", hint.Usage},
		{credentials.Error{Kind: credentials.Refused}, "", hint.Denied},
		{credentials.Error{Kind: credentials.NoRegistry}, "check the host and the port", hint.Failed},
	} {
		c.err.Err = errors.New("text")
		err := connect.Advise(fmt.Errorf("wrapped: %w", &c.err))
		require.EqualError(t, err, "wrapped: text")
		require.Equal(t, c.advice, hint.Of(err))
		require.Equal(t, c.code, hint.CodeOf(err))
		require.Equal(t, "own", hint.Of(connect.Advise(hint.New(&c.err, "own"))))
	}
	plain := errors.New("plain")
	require.Equal(t, plain, connect.Advise(plain))
	require.NoError(t, connect.Advise(nil))
}
