package trust

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
)

// A Proxy finds the proxy for a request, as http.ProxyFromEnvironment does; nil is none.
type Proxy func(*http.Request) (*url.URL, error)

// Presented connects to a registry, through the proxy where there is one, and returns the
// certificates that it presents, its own first. None of them is verified.
func Presented(ctx context.Context, proxy Proxy, h Host) ([]*x509.Certificate, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var presented []*x509.Certificate
	trace := &httptrace.ClientTrace{GotConn: func(got httptrace.GotConnInfo) {
		if conn, ok := got.Conn.(*tls.Conn); ok {
			presented = conn.ConnectionState().PeerCertificates
		}
		stop() // no request is sent
	}}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodHead, "https://"+h.Addr()+"/v2/", nil)
	if err != nil {
		return nil, err
	}
	via, err := proxy(req)
	if err != nil {
		return nil, err
	}
	t := &http.Transport{Proxy: http.ProxyURL(via), DisableKeepAlives: true, TLSClientConfig: unverified(via)}
	resp, err := t.RoundTrip(req)
	if err == nil {
		resp.Body.Close()
	}
	if presented != nil {
		return presented, nil
	}
	return nil, connectError(h, via, err)
}

// unverified accepts every certificate but that of the proxy, which may be sent a password.
func unverified(proxy *url.URL) *tls.Config {
	toProxy := proxy != nil && proxy.Scheme == "https"
	return &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error { //nolint:gosec // to show it to the user
		if !toProxy {
			return nil
		}
		toProxy = false // the next handshake, through the proxy, is the registry's
		between := x509.NewCertPool()
		for _, c := range s.PeerCertificates[1:] {
			between.AddCert(c)
		}
		_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{DNSName: proxy.Hostname(), Intermediates: between})
		return err
	}}
}

func connectError(h Host, proxy *url.URL, err error) error {
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return fmt.Errorf("%s: %w", h, ErrNotTLS)
	}
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op == "remote error" {
		return fmt.Errorf("%s: TLS handshake: %w", h, err)
	}
	return &UnreachableError{h, proxy, dialError(err)}
}

// dialError drops the address: the host stands before it.
func dialError(err error) error {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return errors.New(dns.Err + " (DNS)")
	}
	for {
		e, ok := errors.AsType[*net.OpError](err)
		if !ok {
			return err
		}
		err = e.Err
	}
}

// Path orders the certificates that a server presents, its own first; each is signed by the
// next. The last is the highest authority among them.
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

// Top is the certificate of a path that can be trusted as a CA.
func Top(h Host, path []*x509.Certificate) (*x509.Certificate, error) {
	if len(path) == 0 {
		return nil, fmt.Errorf("%s: the server presents no certificate", h)
	}
	top := path[len(path)-1]
	if !top.IsCA && !SelfSigned(top) {
		return nil, &NoCAError{h, top}
	}
	return top, nil
}
