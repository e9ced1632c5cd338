package connect

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
)

// Advise adds the advice and the exit status to an error of pkg/credentials; one that has
// advice already keeps it. Other errors come back as they are.
func Advise(err error) error {
	e, ok := errors.AsType[*credentials.Error](err)
	if !ok {
		return err
	}
	advice := hint.Of(err)
	if advice == "" {
		advice = credentialsAdvice(e)
	}
	switch e.Kind {
	case credentials.InvalidUser, credentials.ColonInUser, credentials.InvalidPassword, credentials.UnknownTarget,
		credentials.HelperNeedsUTF8, credentials.HelperInLegacy:
		return hint.BadUsage(err, advice)
	case credentials.Refused:
		return hint.NotAllowed(err, advice)
	default:
		return hint.New(err, advice)
	}
}

func credentialsAdvice(e *credentials.Error) string { //nolint:gocyclo // a table of kinds, a case each
	switch e.Kind {
	case credentials.ColonInUser:
		return "with a token as the password, use any name: -u " + strings.ReplaceAll(e.Name, ":", "-")
	case credentials.UnknownTarget:
		if e.Name == "podman" || e.Name == "skopeo" || e.Name == "buildah" {
			return "--to containers"
		}
		return "--to ./" + e.Name + " for a file of that name"
	case credentials.NoHome:
		return "set HOME, or DOCKER_CONFIG and REGISTRY_AUTH_FILE, or name a file: --to FILE"
	case credentials.MalformedFile:
		if name, ok := strings.CutPrefix(e.Name, "$"); ok {
			return "correct it, or do without it: unset " + name
		}
		return "correct the file, or move it away: " + hint.Quote("mv", e.Name, e.Name+".bad")
	case credentials.NoAccess:
		return "show the permissions: " + hint.Quote("namei", "-l", e.Name)
	case credentials.Locked:
		return "show the process: " + hint.Quote("fuser", "-v", filepath.Dir(e.Name))
	case credentials.InvalidEntry:
		return "log in again: regctl login " + e.Name + " -u USER"
	case credentials.HelperFailed:
		return "ask it directly: echo HOST | " + e.Name + " get"
	case credentials.HelperMissing:
		if e.File == "" {
			return "regctl credential-helper install"
		}
		return "install " + e.Name + ", or remove it (credsStore, credHelpers) from " + e.File + ", or write the other file: regctl login --to containers"
	case credentials.HelperNeedsUTF8:
		return "--to containers"
	case credentials.HelperInLegacy:
		return "--to docker"
	case credentials.NoRegistry:
		return "check the host and the port"
	default:
		return ""
	}
}
