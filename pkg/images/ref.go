package images

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/regctl/regctl/pkg/hint"
)

// repositoryLimit is the longest name that registries take, without host and tag.
const repositoryLimit = 255

// tagLimit is the longest tag.
const tagLimit = 128

const refShape = "write HOST[:PORT]/REPOSITORY[:TAG|@DIGEST], such as localhost:5000/demo/app:v1"

// ParseRef reads an image reference. Unlike docker it never assumes Docker Hub:
// the registry's host must be there. Without tag and digest the tag is latest;
// with both the digest counts. A mistake is a usage error with the right form.
func ParseRef(s string) (name.Reference, error) {
	if err := checkShape(s); err != nil {
		return nil, err
	}
	ref, err := name.ParseReference(s)
	if err != nil {
		return nil, badRef(s, reason(s), refShape)
	}
	if tag, ok := ref.(name.Tag); ok && !tagWord.MatchString(tag.TagStr()) {
		return nil, badRef(s, reason(s), refShape)
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
		return repo, badRef(s, notRepository(s), "write HOST[:PORT]/REPOSITORY, such as localhost:5000/demo/app")
	}
	return repo, checkRepository(s, repo)
}

// checkShape finds the mistakes that the parser would read as something else.
func checkShape(s string) error {
	scheme, rest, hasScheme := strings.Cut(s, "://")
	host, path, hasPath := strings.Cut(s, "/")
	switch {
	case s == "":
		return badRef(s, "empty image reference", refShape)
	case hasScheme:
		return badRef(s, "an image reference has no scheme ("+scheme+"://)", "write "+rest)
	case strings.ContainsAny(s, " \t\r\n"):
		return badRef(s, "white space in an image reference", refShape)
	case !hasPath:
		return badRef(s, "a registry host and a repository are needed", refShape)
	case !isHost(host):
		return badRef(s, fmt.Sprintf("no registry host in it (%q is read as part of the repository)", host),
			"put the registry in front: HOST[:PORT]/"+s+"; for Docker Hub docker.io/"+s)
	case strings.Contains(host, "@"):
		return badRef(s, "a user name does not belong into a reference", "regctl login "+host[strings.LastIndex(host, "@")+1:])
	case path == "":
		return badRef(s, "no repository after the host", refShape)
	case strings.HasSuffix(s, ":"):
		return badRef(s, "no tag after the colon", refShape)
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
			return badRef(s, fmt.Sprintf("%q is not a part of a repository name", part), refShape)
		}
	}
	return nil
}

// reason says what the parser did not like; its own words list character sets.
func reason(s string) string {
	base, digest, byDigest := strings.Cut(s, "@")
	host, path, _ := strings.Cut(base, "/")
	path, tag, _ := strings.Cut(path, ":")
	switch _, err := name.NewRegistry(host); {
	case err != nil:
		return "not a registry host: " + host
	case len(path) > repositoryLimit:
		return fmt.Sprintf("the repository name has %d characters, it must have at most %d", len(path), repositoryLimit)
	case path != strings.ToLower(path):
		return "a repository has no capital letters: " + strings.ToLower(path)
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

// notRepository is reason for what has neither tag nor digest.
func notRepository(s string) string {
	if _, path, _ := strings.Cut(s, "/"); strings.ContainsAny(path, ":@") {
		return "not a repository"
	}
	return reason(s)
}

func badRef(s, why, advice string) error {
	if s == "" {
		return hint.BadUsage(errors.New(why), advice)
	}
	return hint.BadUsage(fmt.Errorf("%s: %s", s, why), advice)
}

// CheckTags holds words to what a tag may be.
func CheckTags(tags []string) error {
	for _, t := range tags {
		switch {
		case strings.ContainsAny(t, "/:@"):
			return badRef(t, "not a tag but a reference", "give the tag alone; to another repository: regctl image copy SRC DST")
		case len(t) > tagLimit:
			return badRef(t, tooLongTag(t), "use letters, digits, _ . and -, at most 128")
		case !tagWord.MatchString(t):
			return badRef(fmt.Sprintf("%q", t), "not a tag", "use letters, digits, _ . and -, at most 128")
		}
	}
	return nil
}

// Named tells whether a reference, as it was typed, has a tag or a digest.
func Named(typed string) bool {
	_, path, _ := strings.Cut(typed, "/")
	return strings.ContainsAny(path, ":@")
}
