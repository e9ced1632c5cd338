package connect

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/images"
	"github.com/regctl/regctl/pkg/loopback"
)

const (
	referenceForm = "write HOST[:PORT]/REPOSITORY[:TAG|@DIGEST], such as localhost:5000/demo/app:v1"
	tagForm       = "use letters, digits, _ . and -, at most 128"
)

// AdviseImages adds the advice and the exit status to an error of pkg/images; one that has
// advice already keeps it. Other errors come back as they are.
func AdviseImages(e *cmdutil.Env, err error) error {
	if failed, ok := errors.AsType[*images.Error](err); ok {
		advice := hint.Of(err)
		if advice == "" {
			advice = imageAdvice(e, failed)
		}
		switch {
		case failed.Kind <= images.OtherDigest: // what was typed
			return hint.BadUsage(err, advice)
		case images.IsDenied(failed):
			return hint.NotAllowed(err, advice)
		}
		return hint.New(err, advice)
	}
	if c, ok := errors.AsType[*images.ConnectionError](err); ok && hint.Of(err) == "" {
		return hint.New(err, connectionAdvice(c))
	}
	return err
}

func imageAdvice(e *cmdutil.Env, err *images.Error) string {
	for _, advice := range []func(*images.Error) string{referenceAdvice, archiveAdvice, registryAdvice} {
		if text := advice(err); text != "" {
			return text
		}
	}
	switch err.Kind {
	case images.Unauthorized:
		return "regctl login " + err.Name + loginWords(e)
	case images.Denied:
		return "log in as a user who has the permission: regctl login " + err.Name + " -u USER"
	}
	return ""
}

// referenceAdvice is about what was typed.
func referenceAdvice(err *images.Error) string {
	switch err.Kind {
	case images.InvalidReference:
		return referenceForm
	case images.SchemeInReference:
		return "write " + err.Name
	case images.NoRegistryHost:
		return "put the registry in front: HOST[:PORT]/" + err.Name + "; for Docker Hub docker.io/" + err.Name
	case images.UserInReference:
		return "regctl login " + err.Name + " -u USER"
	case images.InvalidRepository:
		return "write HOST[:PORT]/REPOSITORY, such as localhost:5000/demo/app"
	case images.InvalidTag:
		return tagForm
	case images.ReferenceAsTag:
		return "give the tag alone; to another repository: regctl image copy SRC DST"
	case images.InvalidPlatform:
		return "write OS/ARCH[/VARIANT], such as linux/amd64"
	case images.InvalidName:
		return "write REPOSITORY:TAG, such as regctl/regctl:v1"
	case images.OtherDigest:
		return "give a tag instead of a digest"
	}
	return ""
}

// archiveAdvice is about archives, layouts and programs.
func archiveAdvice(err *images.Error) string {
	switch err.Kind {
	case images.SeveralImages:
		return "choose one: --image " + hint.Quote(err.Name)
	case images.NoSuchImage:
		return "--image " + hint.Quote(err.Name)
	case images.NoSuchPlatform:
		return "--platform " + err.Name
	case images.Packed:
		if err.Name == images.Stdin {
			return "unpack it first: " + err.Tool + " -dc FILE | regctl image push - REF"
		}
		return err.Tool + " -dc " + hint.Quote(err.Name) + " | regctl image push - REF"
	case images.NotLinux:
		return "name a Linux build: regctl image save-self --binary FILE PATH"
	case images.NotStatic:
		return "build it with CGO_ENABLED=0 and name it by --binary"
	case images.Schema1:
		return "push it again with docker 1.10 or newer: docker push REF"
	case images.NotContainer:
		return "--format oci"
	case images.MissingForeign:
		return "--format oci-archive"
	case images.NotLayout:
		return "name a new directory, or FILE.tar for an archive"
	case images.NotArchive:
		return "name another file, or add --overwrite"
	case images.NoDirectory:
		return "mkdir -p " + hint.Quote(err.Name)
	}
	return ""
}

// registryAdvice is about what a registry answered.
func registryAdvice(err *images.Error) string {
	switch err.Kind {
	case images.RefusedForeign:
		return "allow the URL in the registry's configuration (validation.manifests.urls.allow): regctl serve --config FILE"
	case images.Unsupported:
		return "check the registry's configuration: it may be read-only"
	case images.NoDeletion:
		return "start the registry without --read-only (regctl serve), another registry with REGISTRY_STORAGE_DELETE_ENABLED=true"
	case images.NoCatalog:
		return "regctl image ls " + err.Name + "/REPOSITORY"
	case images.StorageFull:
		return "free space on the registry's storage, then run the command again"
	case images.UnknownRepository, images.UnknownTag:
		return "regctl image ls " + err.Name
	case images.NoReferrers:
		return "add --no-referrers to copy without signatures and SBOMs"
	}
	return ""
}

// connectionAdvice is about a registry that could not be reached.
func connectionAdvice(c *images.ConnectionError) string {
	var dns *net.DNSError
	switch refused := errors.Is(c.Err, syscall.ECONNREFUSED); {
	case refused && !strings.Contains(strings.Trim(c.Host, "[]"), ":"):
		return "without a port, 443 is used; the registry may listen on another: " + c.Host + ":5000"
	case refused && loopback.Is(c.Host):
		return "start a registry: regctl serve"
	case refused:
		return "nothing listens there: check host and port"
	case errors.As(c.Err, &dns):
		return "check the spelling of the host, and the name server"
	case errors.Is(c.Err, http.ErrSchemeMismatch):
		return "the registry speaks plain HTTP; --insecure allows that, and then anyone on the network can read the password"
	}
	return ""
}
