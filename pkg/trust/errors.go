package trust

import (
	"crypto/x509"
	"errors"
	"net/url"
)

// The reasons for which a registry, or a file, cannot be used; ErrUnreachable, NoCAError and
// ExpiredError say more. Advice is up to the caller.
var (
	ErrNotTLS        = errors.New("it does not speak TLS: it may be plain HTTP, or another service")
	ErrHasKey        = errors.New("a private key is in it, and trust files are readable by everyone")
	ErrRequest       = errors.New("it is a certificate signing request, not a certificate")
	ErrNoUserStore   = errors.New("the system store is the machine's: a user has none of their own")
	ErrSystemSecured = errors.New("the system store cannot turn verification off")
)

// UnreachableError is a registry that nobody can connect to.
type UnreachableError struct {
	Host  Host
	Proxy *url.URL // the proxy on the way; nil: none
	Err   error
}

func (e *UnreachableError) Error() string {
	if e.Proxy != nil {
		return e.Host.String() + ": proxy " + e.Proxy.Redacted() + ": " + e.Err.Error()
	}
	return e.Host.String() + ": " + e.Err.Error()
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// NoCAError is a server that does not send its CA's certificate.
type NoCAError struct {
	Host Host
	Last *x509.Certificate // the last one of the path that it sends
}

func (e *NoCAError) Error() string {
	return e.Host.String() + ": the server does not send its CA, only " + subject(e.Last) + ", signed by " + e.Last.Issuer.String()
}

// ExpiredError is a CA whose validity is over.
type ExpiredError struct{ Cert *x509.Certificate }

func (e *ExpiredError) Error() string { return subject(e.Cert) + " expired on " + day(e.Cert.NotAfter) }
