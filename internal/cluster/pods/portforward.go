package pods

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/streaming/pkg/httpstream"
)

// Tunnel leads to the ports of one pod, by way of the API server. Nothing listens on
// this machine, so no other user of it can come along.
type Tunnel struct {
	Pod string

	conn httpstream.Connection
	last atomic.Int64 // number of the last stream
}

// OpenTunnel opens one to a pod of the client's namespace.
func OpenTunnel(ctx context.Context, c *cluster.Client, pod string) (*Tunnel, error) {
	u, err := podURL(c, pod, "portforward", nil)
	if err != nil {
		return nil, err
	}
	dialer, err := streams(c, u)
	if err != nil {
		return nil, err
	}
	conn, err := inTime(ctx, func() (httpstream.Connection, error) {
		conn, _, err := dialer.Dial(portforward.PortForwardProtocolV1Name)
		return conn, err
	})
	if err != nil {
		return nil, c.Explain("pod/"+pod+": port-forward", err)
	}
	return &Tunnel{Pod: pod, conn: conn}, nil
}

// streams speaks websockets, and SPDY to a server older than Kubernetes 1.30.
func streams(c *cluster.Client, u *url.URL) (httpstream.Dialer, error) {
	conf := rest.CopyConfig(c.RESTConfig)
	conf.Timeout = 0
	transport, upgrader, err := spdy.RoundTripperFor(conf)
	if err != nil {
		return nil, c.Context.CredentialError(err)
	}
	old := spdy.NewDialerForStreaming(upgrader, &http.Client{Transport: transport}, http.MethodPost, u)
	socket, err := portforward.NewSPDYOverWebsocketDialerForStreaming(u, conf)
	if err != nil {
		return nil, c.Context.CredentialError(err)
	}
	return portforward.NewFallbackDialerForStreaming(socket, old, fallsBack), nil
}

func fallsBack(err error) bool {
	return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)
}

// inTime does what knows no context, and stops waiting for it when the context ends.
func inTime[T any](ctx context.Context, do func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := do()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// Close ends all connections through the tunnel.
func (t *Tunnel) Close() error { return t.conn.Close() }

// Dial connects to a port of the pod.
func (t *Tunnel) Dial(ctx context.Context, port int) (net.Conn, error) {
	return inTime(ctx, func() (net.Conn, error) { return t.dial(port) })
}

func (t *Tunnel) dial(port int) (net.Conn, error) {
	h := http.Header{}
	h.Set(corev1.StreamType, corev1.StreamTypeError)
	h.Set(corev1.PortHeader, strconv.Itoa(port))
	h.Set(corev1.PortForwardRequestIDHeader, strconv.FormatInt(t.last.Add(1), 10))
	failure, err := t.conn.CreateStream(h)
	if err != nil {
		return nil, fmt.Errorf("pod/%s: port %d: %w", t.Pod, port, err)
	}
	_ = failure.Close() // nothing is written to it
	h.Set(corev1.StreamType, corev1.StreamTypeData)
	data, err := t.conn.CreateStream(h)
	if err != nil {
		return nil, fmt.Errorf("pod/%s: port %d: %w", t.Pod, port, err)
	}
	s := &stream{Stream: data, tunnel: t, failure: failure, port: port, said: make(chan string, 1)}
	go func() {
		message, _ := io.ReadAll(failure)
		s.said <- string(message)
	}()
	return s, nil
}

// stream is a connection through a tunnel.
type stream struct {
	httpstream.Stream
	tunnel  *Tunnel
	failure httpstream.Stream
	port    int
	said    chan string // why the far end could not connect
	got     atomic.Bool // something has come
}

// Read gives, where the far end hangs up without a word, its reason for it.
func (s *stream) Read(p []byte) (int, error) {
	n, err := s.Stream.Read(p)
	if n > 0 {
		s.got.Store(true)
	}
	if err == nil || s.got.Load() {
		return n, err
	}
	select {
	case why := <-s.said:
		s.said <- why
		if why != "" {
			return n, fmt.Errorf("pod/%s: port %d: %s", s.tunnel.Pod, s.port, lastCause(why))
		}
	case <-time.After(2 * time.Second):
	}
	return n, err
}

// lastCause shortens what kubelet says: the end of it is the cause.
func lastCause(why string) string {
	if _, cause, ok := strings.Cut(why, "connect: "); ok {
		return strings.TrimSpace(cause)
	}
	return strings.TrimSpace(why)
}

// Close hangs up.
func (s *stream) Close() error {
	err := errors.Join(s.Stream.Close(), s.Stream.Reset())
	s.tunnel.conn.RemoveStreams(s.Stream, s.failure)
	return err
}

// LocalAddr is none: the connection is a part of another.
func (s *stream) LocalAddr() net.Addr { return address("here") }

// RemoteAddr names the pod's port.
func (s *stream) RemoteAddr() net.Addr {
	return address(fmt.Sprintf("pod/%s:%d", s.tunnel.Pod, s.port))
}

// SetDeadline does nothing: a context closes the connection.
func (s *stream) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing.
func (s *stream) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (s *stream) SetWriteDeadline(time.Time) error { return nil }

type address string

func (a address) Network() string { return "portforward" }
func (a address) String() string  { return string(a) }
