package images

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/regctl/regctl/pkg/intranet"
)

// ConnectionError is a failure before the registry could answer: name, TCP or TLS.
type ConnectionError struct {
	Host string // of the registry, "host" or "host:port"
	Err  error
}

func (e *ConnectionError) Error() string { return e.Host + ": " + e.Err.Error() }

// Unwrap gives the cause to errors.Is and errors.As.
func (e *ConnectionError) Unwrap() error { return e.Err }

// DeniedError says that a registry knows the user, who may not do what was asked for.
type DeniedError struct {
	Ref    name.Reference // what was asked for
	reason string
}

func (e *DeniedError) Error() string {
	return canonical(e.Ref.Name()) + ": permission denied: " + e.reason
}

// ErrUnknown says that a registry has no such repository, tag or digest.
var ErrUnknown = errors.New("not found")

// explained tells whether an error says already what it means.
func explained(err error) bool {
	_, ok := errors.AsType[*Error](err)
	_, noConnection := errors.AsType[*ConnectionError](err)
	return ok || noConnection
}

// explain says what a registry's answer means and what to do now. ref is what was asked for.
func (e *endpoint) explain(ctx context.Context, ref name.Reference, err error) error {
	var answer *transport.Error
	var read *readError
	if errors.As(err, &read) {
		return read.err
	}
	if err == nil || explained(err) || ctx.Err() != nil {
		return err
	}
	if errors.As(err, &answer) {
		return e.explainAnswer(ctx, ref, answer)
	}
	if syntax := new(json.SyntaxError); errors.As(err, &syntax) {
		return fmt.Errorf("%s: unexpected response, not JSON: %w", canonical(ref.Name()), err)
	}
	return connection(ref.Context().RegistryStr(), err)
}

func (e *endpoint) explainAnswer(ctx context.Context, ref name.Reference, answer *transport.Error) error {
	host := ref.Context().RegistryStr()
	switch status := answer.StatusCode; {
	case status == http.StatusUnauthorized || hasCode(answer, transport.UnauthorizedErrorCode):
		return errorf(Unauthorized, host, "%s: not logged in, or with invalid credentials: %s", canonical(ref.Name()), registryReason(answer))
	case status == http.StatusForbidden || hasCode(answer, transport.DeniedErrorCode):
		return &Error{Kind: Denied, Name: host, Err: &DeniedError{ref, registryReason(answer)}}
	case status == http.StatusMethodNotAllowed || hasCode(answer, transport.UnsupportedErrorCode):
		return errorf(Unsupported, host, "%s: the registry does not support this: %s", canonical(ref.Name()), registryReason(answer))
	case status == http.StatusNotFound && isRead(answer) && !hasCode(answer, transport.BlobUnknownErrorCode):
		return e.unknown(ctx, ref)
	case strings.Contains(registryReason(answer), syscall.ENOSPC.Error()):
		return errorf(StorageFull, host, "%s: the registry's storage is full: %s", canonical(ref.Name()), registryReason(answer))
	}
	return fmt.Errorf("%s: %s", canonical(ref.Name()), registryReason(answer))
}

// unknown tells a repository that is not there from a tag that is not there.
func (e *endpoint) unknown(ctx context.Context, ref name.Reference) error {
	repo := ref.Context()
	if _, err := e.puller.Lister(ctx, repo); err != nil {
		var answer *transport.Error
		if errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound {
			return errorf(UnknownRepository, repo.RegistryStr(), "%s: repository not found", canonical(repo.Name()))
		}
		return fmt.Errorf("%s: %w", canonical(ref.Name()), ErrUnknown)
	}
	what := "tag"
	if _, ok := ref.(name.Digest); ok {
		what = "digest"
	}
	return errorf(UnknownTag, canonical(repo.Name()), "%s: %s not found", canonical(ref.Name()), what)
}

func isRead(answer *transport.Error) bool {
	return answer.Request == nil || answer.Request.Method == http.MethodGet || answer.Request.Method == http.MethodHead
}

func hasCode(answer *transport.Error, code transport.ErrorCode) bool {
	return slices.ContainsFunc(answer.Errors, func(d transport.Diagnostic) bool { return d.Code == code })
}

func connection(host string, err error) error {
	var u *url.Error
	if errors.As(err, &u) { // the library may have tried twice; the first attempt tells
		err = u.Err
		if at, bad := url.Parse(u.URL); bad == nil && at.Host != "" {
			host = intranet.Host(at) // where it was sent on to, perhaps
		}
	}
	return &ConnectionError{Host: host, Err: err}
}

// requested stands for a registry, or a repository of it, as what was asked for.
type requested struct {
	name.Repository
	text string
}

func (p requested) Context() name.Repository { return p.Repository }
func (p requested) Identifier() string       { return "" }
func (p requested) Name() string             { return p.text }

func inRegistry(reg name.Registry) requested {
	return requested{name.Repository{Registry: reg}, reg.Name()}
}
func inRepository(r name.Repository) requested { return requested{r, r.Name()} }

// isUnknown tells whether the registry has said that there is no such thing.
func isUnknown(err error) bool {
	var answer *transport.Error
	return errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound
}

// badRequest tells whether a registry did not like the question.
func badRequest(err error) bool {
	var answer *transport.Error
	return errors.As(err, &answer) && answer.StatusCode == http.StatusBadRequest
}

// withDigest is a reference with tag, where it has one, and digest.
func withDigest(ref name.Reference, h v1.Hash) string {
	if tag, ok := ref.(name.Tag); ok {
		return canonical(tag.Name()) + "@" + h.String()
	}
	return canonical(ref.Context().Name()) + "@" + h.String()
}

// canonical spells Docker Hub as everybody but the library does.
func canonical(ref string) string {
	if rest, ok := strings.CutPrefix(ref, name.DefaultRegistry+"/"); ok {
		return "docker.io/" + rest
	}
	return ref
}
