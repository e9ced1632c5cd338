package trust

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"

	"github.com/regctl/regctl/pkg/hint"
)

// Dial opens a connection, as net.Dialer.DialContext does.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Presented connects to a registry and returns the certificates that it shows,
// its own first. None of them is checked.
func Presented(ctx context.Context, dial Dial, h Host) ([]*x509.Certificate, error) {
	raw, err := dial(ctx, "tcp", h.Addr())
	if err != nil {
		advice := "is the registry running, and is " + h.String() + " the right host and port?"
		if h.Port == "" {
			advice = "no port was given, so 443 was asked: is it " + h.String() + ":5000?"
		}
		return nil, hint.Errorf(advice, "%s: %w", h, dialError(err))
	}
	conn := tls.Client(raw, &tls.Config{ServerName: h.ServerName(), InsecureSkipVerify: true}) //nolint:gosec // it is there to be looked at
	defer conn.Close()
	if err := conn.HandshakeContext(ctx); err != nil {
		if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
			return nil, hint.Errorf("for a registry without TLS: regctl trust add "+h.String()+" --insecure", "%s: it does not speak TLS: it may be plain HTTP, or another service", h)
		}
		return nil, fmt.Errorf("%s: TLS handshake: %w", h, err)
	}
	return conn.ConnectionState().PeerCertificates, nil
}

// dialError drops the address: the host stands before it.
func dialError(err error) error {
	if e, ok := errors.AsType[*net.OpError](err); ok {
		if dns, ok := errors.AsType[*net.DNSError](e.Err); ok {
			return errors.New(dns.Err + " (DNS)")
		}
		return e.Err
	}
	return err
}

// Path follows a server's certificate up through those that it has shown: the
// last of it is the highest authority that is there. Each signs the one before it.
func Path(presented []*x509.Certificate) []*x509.Certificate {
	if len(presented) == 0 {
		return nil
	}
	path := presented[:1:1]
	for range presented {
		last := path[len(path)-1]
		next := signerOf(last, presented)
		if next == nil || next.Equal(last) {
			break
		}
		path = append(path, next)
	}
	return path
}

func signerOf(c *x509.Certificate, among []*x509.Certificate) *x509.Certificate {
	for _, candidate := range among {
		if string(candidate.RawSubject) == string(c.RawIssuer) && c.CheckSignatureFrom(candidate) == nil {
			return candidate
		}
	}
	return nil
}

// SelfSigned tells whether a certificate is its own issuer.
func SelfSigned(c *x509.Certificate) bool {
	return string(c.RawSubject) == string(c.RawIssuer) && c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

// Top is the certificate of a path that is fit to be trusted as a CA, or why there is none.
func Top(h Host, path []*x509.Certificate) (*x509.Certificate, error) {
	if len(path) == 0 {
		return nil, fmt.Errorf("%s: it has shown no certificate", h)
	}
	top := path[len(path)-1]
	if !top.IsCA && !SelfSigned(top) {
		return nil, hint.Errorf("get that CA from whoever runs the registry, then: regctl trust add "+h.String()+" --ca FILE",
			"%s: the server does not send its CA, only %s, signed by %s", h, subject(top), top.Issuer)
	}
	return top, nil
}
