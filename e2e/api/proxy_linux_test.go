package api

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/regctl/regctl/e2e/scripts"
	"github.com/rogpeppe/go-internal/testscript"
)

// fault is what can happen to a request on its way.
type fault string

const (
	lost       fault = "lost"       // the connection ends before the server has seen the request
	unanswered fault = "unanswered" // the server has done what is asked, and the connection ends before it says so
	refused    fault = "refused"    // the server is in trouble: status 500
)

// proxy stands between regctl and the API server, counts the requests, and lets one of them fail.
type proxy struct {
	server *httptest.Server
	done   func()
	old    bool // the API server behind it looks as Kubernetes 1.11 does

	mu   sync.Mutex
	seen []string // METHOD PATH?QUERY
	at   int      // the request that fails, the first is 1; 0: none
	how  fault

	trouble []string // answers of the API server that broke off, which no fault of ours has done
}

// watched is an answer of the API server on its way.
type watched struct {
	io.ReadCloser
	proxy   *proxy
	request *http.Request
	began   time.Time
	read    int
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.ReadCloser.Read(b)
	if w.read += n; err != nil && !errors.Is(err, io.EOF) {
		w.proxy.note(fmt.Sprintf("%s %s: %v after %d bytes and %v; the client: %v", w.request.Method, w.request.URL.RequestURI(), err, w.read, time.Since(w.began).Round(time.Millisecond), context.Cause(w.request.Context())))
	}
	return n, err
}

func (p *proxy) note(trouble string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trouble = append(p.trouble, trouble)
}

// troubles are what went wrong between the proxy and the API server so far.
func (p *proxy) troubles() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(append([]string{"between the proxy and the API server:"}, p.trouble...), "\n")
}

type proxyKey struct{}

// proxyOf is the script's proxy.
func proxyOf(ts *testscript.TestScript) *proxy { return ts.Value(proxyKey{}).(*proxy) }

func newProxy(old bool) (*proxy, error) {
	base, transport, _, err := upstream()
	if err != nil {
		return nil, err
	}
	p := &proxy{old: old}
	pass := &httputil.ReverseProxy{
		Transport: transport, FlushInterval: -1, ErrorLog: log.New(io.Discard, "", 0),
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(base) },
		ModifyResponse: func(r *http.Response) error {
			if r.StatusCode != http.StatusSwitchingProtocols {
				r.Body = &watched{r.Body, p, r.Request, time.Now(), 0}
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			p.note(fmt.Sprintf("%s %s: %v", r.Method, r.URL.RequestURI(), err))
			w.WriteHeader(http.StatusBadGateway)
		},
	}
	p.server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		how := p.next(r)
		whole(r)
		if p.old && how == "" && asOld(w, r) {
			return
		}
		switch how {
		case lost:
			panic(http.ErrAbortHandler) // net/http ends the connection
		case unanswered:
			if nobody := httptest.NewRecorder(); !p.old || !asOld(nobody, r) {
				pass.ServeHTTP(nobody, r)
			}
			panic(http.ErrAbortHandler)
		case refused:
			http.Error(w, "etcdserver: request timed out", http.StatusInternalServerError)
		default:
			pass.ServeHTTP(w, r)
		}
	}))
	p.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	p.done = func() { p.server.Close(); transport.CloseIdleConnections() }
	return p, nil
}

// whole reads a request to its end before it is passed on. Else net/http closes its body as soon as the answer
// begins, and where the transport has not seen by then that nothing more follows, it takes that for
// an error and drops the connection in the middle of the answer: seen beside heavy load.
func whole(r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

// next notes a request and says what is to happen to it.
func (p *proxy) next(r *http.Request) fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, r.Method+" "+r.URL.RequestURI())
	if len(p.seen) == p.at {
		return p.how
	}
	return ""
}

// reset forgets the requests so far; of those that follow, the one numbered at will fail.
func (p *proxy) reset(at int, how fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen, p.at, p.how = nil, at, how
}

func (p *proxy) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.seen)
}

// kubeconfig is that of the user boss, by way of the proxy.
func (p *proxy) kubeconfig(path, namespace string) error {
	k, err := boss()
	if err != nil {
		return err
	}
	k.Namespace(namespace)
	p.lead(k)
	return k.Write(path)
}

// lead leads the requests of a kubeconfig by way of the proxy.
func (p *proxy) lead(k scripts.Kubeconfig) {
	k.By(p.server.URL, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.server.Certificate().Raw}))
}

// writes are the requests that change something. Questions that are asked by POST
// are none, and neither are dry runs.
func writes(requests []string) (all []string) {
	for _, r := range requests {
		if !strings.HasPrefix(r, "GET ") && !strings.Contains(r, "dryRun=All") && !strings.Contains(r, "reviews") {
			all = append(all, r)
		}
	}
	return all
}
