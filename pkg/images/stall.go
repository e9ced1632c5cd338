package images

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	stallLimit  = 30 * time.Second // without a byte, unless the Client says otherwise
	commitRatio = 20               // so many times longer may a registry think about what it was sent
	answerLimit = 32 << 20         // bytes of any answer but a blob
)

// StalledError says that a registry has sent and taken nothing for too long. However
// slow it is, it may go on for as long as it likes while bytes come.
type StalledError struct{ After time.Duration }

func (e *StalledError) Error() string {
	return fmt.Sprintf("no answer from the registry within %s", e.After)
}

// stallGuard breaks off requests on which nothing moves, and answers that do not end.
type stallGuard struct {
	inner http.RoundTripper
	limit time.Duration
}

type blobKey struct{}

// forBlob marks the request for a blob, whose length its reader knows and enforces.
func forBlob(ctx context.Context) context.Context { return context.WithValue(ctx, blobKey{}, true) }

// RoundTrip implements http.RoundTripper.
func (g *stallGuard) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	timer := &stallTimer{cancel: cancel}
	out := req.WithContext(ctx)
	switch {
	case !bodyless(req):
		out.Body = &sentBody{ReadCloser: req.Body, timer: timer, limit: g.limit}
		timer.start(g.limit)
	case req.Method == http.MethodGet || req.Method == http.MethodHead:
		timer.start(g.limit)
	default: // to finish an upload may mean to move it
		timer.start(commitRatio * g.limit)
	}
	resp, err := g.inner.RoundTrip(out)
	timer.stop()
	if err != nil {
		err = stallCause(ctx, err)
		cancel(nil)
		return nil, err
	}
	body := &receivedBody{ReadCloser: resp.Body, ctx: ctx, cancel: cancel, timer: timer, limit: g.limit, left: answerLimit}
	body.unbounded = ctx.Value(blobKey{}) != nil
	resp.Body = body
	return resp, nil
}

func stallCause(ctx context.Context, err error) error {
	if stalled := new(StalledError); errors.As(context.Cause(ctx), &stalled) {
		return stalled
	}
	return err
}

// stallTimer cancels a request, unless it is stopped before.
type stallTimer struct {
	mu     sync.Mutex
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

func (t *stallTimer) start(limit time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer != nil {
		t.timer.Stop()
	}
	t.timer = time.AfterFunc(limit, func() { t.cancel(&StalledError{limit}) })
}

func (t *stallTimer) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer != nil {
		t.timer.Stop()
	}
}

// sentBody starts the time anew with each part that the connection takes. While the
// source is read the time stands still: that is not the registry's.
type sentBody struct {
	io.ReadCloser
	timer *stallTimer
	limit time.Duration
}

func (b *sentBody) Read(p []byte) (int, error) {
	b.timer.stop()
	n, err := b.ReadCloser.Read(p)
	if err == nil {
		b.timer.start(b.limit)
	} else {
		b.timer.start(commitRatio * b.limit)
	}
	return n, err
}

// receivedBody takes the time only while somebody waits for bytes.
type receivedBody struct {
	io.ReadCloser
	ctx       context.Context //nolint:containedctx // of the one request
	cancel    context.CancelCauseFunc
	timer     *stallTimer
	limit     time.Duration
	unbounded bool
	left      int64
}

func (b *receivedBody) Read(p []byte) (int, error) {
	b.timer.start(b.limit)
	n, err := b.ReadCloser.Read(p)
	b.timer.stop()
	if b.left -= int64(n); b.left < 0 && !b.unbounded {
		return 0, fmt.Errorf("the registry's answer is longer than %d MiB", answerLimit>>20)
	}
	if err != nil {
		err = stallCause(b.ctx, err)
	}
	return n, err
}

func (b *receivedBody) Close() error {
	b.timer.stop()
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}
