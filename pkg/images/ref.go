package images

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// repositoryLimit is the longest name that registries take, without host and tag.
const repositoryLimit = 255

// tagLimit is the longest tag.
const tagLimit = 128

// ParseRef reads an image reference. Unlike docker it never assumes Docker Hub:
// the registry's host must be there. Without tag and digest the tag is latest;
// with both the digest counts.
func ParseRef(s string) (name.Reference, error) {
	if err := checkShape(s); err != nil {
		return nil, err
	}
	ref, err := name.ParseReference(s)
	if err != nil {
		return nil, badRef(InvalidReference, s, s, parseFailure(s))
	}
	if tag, ok := ref.(name.Tag); ok && !tagWord.MatchString(tag.TagStr()) {
		return nil, badRef(InvalidReference, s, s, parseFailure(s))
	}
	return ref, checkRepository(s, ref.Context())
}

// ParseRepository reads HOST[:PORT]/REPOSITORY, without tag and digest.
func ParseRepository(s string) (name.Repository, error) {
	if err := checkShape(s); err != nil {
		return name.Repository{}, err
	}
	repo, err := name.NewRepository(s)
	if err != nil {
		return repo, badRef(InvalidRepository, s, s, notRepository(s))
	}
	return repo, checkRepository(s, repo)
}

// checkShape finds the mistakes that the parser would read as something else.
func checkShape(s string) error {
	scheme, rest, hasScheme := strings.Cut(s, "://")
	host, path, hasPath := strings.Cut(s, "/")
	switch {
	case s == "":
		return badRef(InvalidReference, s, s, "empty image reference")
	case hasScheme:
		return badRef(SchemeInReference, rest, s, "an image reference has no scheme ("+scheme+"://)")
	case strings.ContainsAny(s, " \t\r\n"):
		return badRef(InvalidReference, s, s, "white space in an image reference")
	case !hasPath:
		return badRef(InvalidReference, s, s, "an image reference requires a registry host and a repository")
	case !isHost(host):
		return badRef(NoRegistryHost, s, s, fmt.Sprintf("no registry host (%q is part of the repository)", host))
	case strings.Contains(host, "@"):
		return badRef(UserInReference, host[strings.LastIndex(host, "@")+1:], s, "an image reference has no user name")
	case path == "":
		return badRef(InvalidReference, s, s, "no repository after the host")
	case strings.HasSuffix(s, ":"):
		return badRef(InvalidReference, s, s, "no tag after the colon")
	}
	return nil
}

// isHost tells a registry host from the first part of a repository, as docker does.
func isHost(s string) bool { return s == "localhost" || strings.ContainsAny(s, ".:") }

var tagWord = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)

var component = regexp.MustCompile(`^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$`)

// checkRepository holds each part of the path to the distribution specification:
// the parser lets "a/../b" through, which a URL would shorten.
func checkRepository(s string, repo name.Repository) error {
	for part := range strings.SplitSeq(repo.RepositoryStr(), "/") {
		if !component.MatchString(part) {
			return badRef(InvalidReference, s, s, fmt.Sprintf("%q cannot be part of a repository name", part))
		}
	}
	return nil
}

// parseFailure says what the parser did not like; its own words list character sets.
func parseFailure(s string) string {
	base, digest, byDigest := strings.Cut(s, "@")
	host, path, _ := strings.Cut(base, "/")
	path, tag, _ := strings.Cut(path, ":")
	switch _, err := name.NewRegistry(host); {
	case err != nil:
		return "not a registry host: " + host
	case len(path) > repositoryLimit:
		return fmt.Sprintf("the repository name has %d characters, it must have at most %d", len(path), repositoryLimit)
	case path != strings.ToLower(path):
		return "a repository name has no capital letters: " + strings.ToLower(path)
	case len(tag) > tagLimit:
		return tooLongTag(tag)
	case byDigest:
		return "not a digest: " + digest + " (sha256: and 64, or sha512: and 128 hexadecimal digits)"
	case strings.ContainsAny(tag, "/:"):
		return "more than one colon"
	case tag != "":
		return "not a tag: " + tag + " (letters, digits, _ . and -, at most 128)"
	}
	return "not an image reference"
}

func tooLongTag(tag string) string {
	return fmt.Sprintf("the tag has %d characters, it must have at most %d", len(tag), tagLimit)
}

// notRepository is parseFailure for what has neither tag nor digest.
func notRepository(s string) string {
	if _, path, _ := strings.Cut(s, "/"); strings.ContainsAny(path, ":@") {
		return "not a repository"
	}
	return parseFailure(s)
}

// badRef is an error about what was typed; name is the Name of the Error.
func badRef(kind Kind, name, typed, why string) error {
	if typed == "" {
		return errorf(kind, name, "%s", why)
	}
	return errorf(kind, name, "%s: %s", typed, why)
}

// CheckTags holds words to what a tag may be.
func CheckTags(tags []string) error {
	for _, t := range tags {
		switch {
		case strings.ContainsAny(t, "/:@"):
			return badRef(ReferenceAsTag, t, t, "a reference, not a tag")
		case len(t) > tagLimit:
			return badRef(InvalidTag, t, t, tooLongTag(t))
		case !tagWord.MatchString(t):
			return badRef(InvalidTag, t, fmt.Sprintf("%q", t), "not a tag")
		}
	}
	return nil
}

// Named tells whether a reference, as it was typed, has a tag or a digest.
func Named(typed string) bool {
	_, path, _ := strings.Cut(typed, "/")
	return strings.ContainsAny(path, ":@")
}
