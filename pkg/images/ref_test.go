package images_test

import (
	"cmp"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/regctl/regctl/pkg/images"
	"github.com/stretchr/testify/require"
)

const someDigest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func long(n int) string { return strings.Repeat("a", n) }

func TestParseRef(t *testing.T) {
	for in, want := range map[string]string{
		"localhost:5000/demo/app:v1":             "localhost:5000/demo/app:v1",
		"localhost/app":                          "localhost/app:latest",
		"registry.example.com/a":                 "registry.example.com/a:latest",
		"[::1]:5000/demo/app:v1":                 "[::1]:5000/demo/app:v1",
		"h:1/" + long(255) + ":" + long(128):     "h:1/" + long(255) + ":" + long(128),
		"h:1/a@sha512:" + long(128):              "h:1/a@sha512:" + long(128),
		"h:1/a@" + someDigest:                    "h:1/a@" + someDigest,
		"h:1/a:v1@" + someDigest:                 "h:1/a@" + someDigest,
		"docker.io/library/alpine:3":             "index.docker.io/library/alpine:3",
		"10.0.0.1:5000/x_y/a.b/c-d/e__f:V1_x.-z": "10.0.0.1:5000/x_y/a.b/c-d/e__f:V1_x.-z",
	} {
		ref, err := images.ParseRef(in)
		require.NoError(t, err, in)
		require.Equal(t, want, ref.Name())
	}
}

func TestParseRefRefuses(t *testing.T) {
	kinds := map[string]images.Kind{
		"library/alpine": images.NoRegistryHost, "https://h:5000/a:v1": images.SchemeInReference,
		"docker://h:5000/a:v1": images.SchemeInReference, "user@h:5000/a": images.UserInReference,
	}
	for in, want := range map[string]string{
		"":                              "empty image reference",
		"alpine":                        "alpine: an image reference requires a registry host and a repository",
		"localhost:5000":                "localhost:5000: an image reference requires a registry host and a repository",
		"localhost:5000/":               "localhost:5000/: no repository after the host",
		"library/alpine":                `library/alpine: no registry host ("library" is part of the repository)`,
		"https://h:5000/a:v1":           "https://h:5000/a:v1: an image reference has no scheme (https://)",
		"docker://h:5000/a:v1":          "docker://h:5000/a:v1: an image reference has no scheme (docker://)",
		"h:5000/Demo/App:v1":            "h:5000/Demo/App:v1: a repository name has no capital letters: demo/app",
		"h:5000/a b":                    "h:5000/a b: white space in an image reference",
		"h:5000/a:":                     "h:5000/a:: no tag after the colon",
		"h:5000/a:v1:v2":                "h:5000/a:v1:v2: more than one colon",
		"h:5000/a:.v1!":                 "h:5000/a:.v1!: not a tag: .v1! (letters, digits, _ . and -, at most 128)",
		"h:5000/a@sha256:12":            "h:5000/a@sha256:12: not a digest: sha256:12 (sha256: and 64, or sha512: and 128 hexadecimal digits)",
		"h:5000/a/../b":                 `h:5000/a/../b: ".." cannot be part of a repository name`,
		"h:5000//b":                     `h:5000//b: "" cannot be part of a repository name`,
		"h:5000/a/-b":                   `h:5000/a/-b: "-b" cannot be part of a repository name`,
		"h:5000/v2/../../etc/passwd:v1": `h:5000/v2/../../etc/passwd:v1: ".." cannot be part of a repository name`,
		"h:5000/" + long(256):           "h:5000/" + long(256) + ": the repository name has 256 characters, it must have at most 255",
		"h:5000/a:" + long(129):         "h:5000/a:" + long(129) + ": the tag has 129 characters, it must have at most 128",
		"h:5000/a:" + long(129) + "@" + someDigest: "h:5000/a:" + long(129) + "@" + someDigest + ": the tag has 129 characters, it must have at most 128",
		"user@h:5000/a": "user@h:5000/a: an image reference has no user name",
	} {
		_, err := images.ParseRef(in)
		require.EqualError(t, err, want, in)
		failed := new(images.Error)
		require.ErrorAs(t, err, &failed, in)
		require.Equal(t, cmp.Or(kinds[in], images.InvalidReference), failed.Kind, in)
	}
}

func TestParseRepositoryAndTags(t *testing.T) {
	for bad, want := range map[string]string{"": "empty", "h:5000/a:v1": "not a repository", "a/b": "no registry host", "https://h/a": "no scheme", "h:5000/" + long(256): "has 256 characters"} {
		_, err := images.ParseRepository(bad)
		require.ErrorContains(t, err, want)
		require.ErrorAs(t, err, new(*images.Error), bad)
	}
	require.NoError(t, images.CheckTags([]string{"v1", "latest"}))
	for bad, want := range map[string]string{"": "not a tag", "h/a:v1": "a reference, not a tag", "ä": "not a tag", "-x": "not a tag", long(129): "the tag has 129 characters, it must have at most 128"} {
		require.ErrorContains(t, images.CheckTags([]string{"v1", bad}), want)
	}
}

func TestKeep(t *testing.T) {
	src, err := images.ParseRef("h:1/a:v1")
	require.NoError(t, err)
	byDigest, err := images.ParseRef("h:1/a@" + someDigest)
	require.NoError(t, err)
	for typed, want := range map[string]string{"g:2/b": "g:2/b:v1", "g:2/b:v2": "g:2/b:v2"} {
		dst, err := images.ParseRef(typed)
		require.NoError(t, err)
		require.Equal(t, want, images.Keep(typed, dst, src).Name())
	}
	dst, err := images.ParseRef("g:2/b")
	require.NoError(t, err)
	require.Equal(t, "g:2/b@"+someDigest, images.Keep("g:2/b", dst, byDigest).Name())
}

func FuzzParseRef(f *testing.F) {
	for _, s := range []string{"localhost:5000/a:v1", "h/a@" + someDigest, "https://x/y", "[::1]:1/a", "a//b", "h:1/%2e%2e/x", "\x00/\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ref, err := images.ParseRef(s)
		if err != nil {
			require.ErrorAs(t, err, new(*images.Error))
			return
		}
		again, err := name.ParseReference(ref.Name())
		require.NoError(t, err)
		require.Equal(t, ref.Name(), again.Name())
		require.NotContains(t, ref.Context().RepositoryStr(), "..")
		require.NotContains(t, ref.Context().RepositoryStr(), "//")
	})
}
