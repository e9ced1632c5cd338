package wait

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/change"
	"github.com/regctl/regctl/internal/plan"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
)

const deployments = "/apis/apps/v1/namespaces/ns/deployments"

// api is an API server with one Deployment. It counts the requests for it.
type api struct {
	t     *testing.T
	watch func(w http.ResponseWriter, r *http.Request, nth int) // answers the nth watch

	mu                   sync.Mutex
	ready                bool
	lists, watches, gets int
}

// deployment is the Deployment at a version.
func deployment(ready bool, version int) string {
	available := 0
	if ready {
		available = 1
	}
	return fmt.Sprintf(`{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"web","namespace":"ns","resourceVersion":"%d"},
		"spec":{"replicas":1},"status":{"replicas":1,"updatedReplicas":1,"availableReplicas":%d}}`, version, available)
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	a.mu.Lock()
	ready, nth := a.ready, 0
	switch {
	case r.URL.Path == deployments && r.URL.Query().Get("watch") == "true":
		a.watches++
		nth = a.watches
	case r.URL.Path == deployments:
		a.lists++
	case r.URL.Path == deployments+"/web":
		a.gets++
	}
	a.mu.Unlock()
	switch path := r.URL.Path; {
	case nth > 0:
		a.watch(w, r, nth)
	case path == "/api":
		fmt.Fprint(w, `{"kind":"APIVersions","versions":["v1"]}`)
	case path == "/apis":
		fmt.Fprint(w, `{"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"apps","versions":[{"groupVersion":"apps/v1","version":"v1"}],"preferredVersion":{"groupVersion":"apps/v1","version":"v1"}}]}`)
	case path == "/api/v1":
		fmt.Fprint(w, `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"v1","resources":[{"name":"pods","namespaced":true,"kind":"Pod","verbs":["list"]}]}`)
	case path == "/apis/apps/v1":
		fmt.Fprint(w, `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"apps/v1","resources":[{"name":"deployments","namespaced":true,"kind":"Deployment","verbs":["list"]}]}`)
	case path == deployments:
		fmt.Fprintf(w, `{"kind":"DeploymentList","apiVersion":"apps/v1","metadata":{"resourceVersion":"100"},"items":[%s]}`, deployment(ready, 5))
	case path == deployments+"/web":
		fmt.Fprint(w, deployment(ready, 5))
	default:
		http.Error(w, path, http.StatusForbidden)
	}
}

func (a *api) becomeReady() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ready = true
}

// wait waits for the Deployment; requests other than watches may take half a second.
func (a *api) wait(ctx context.Context) error {
	server := httptest.NewServer(a)
	a.t.Cleanup(server.Close)
	k := &cluster.Context{Name: "test", RESTConfig: &rest.Config{Host: server.URL, Timeout: 500 * time.Millisecond}}
	client, err := k.Client("ns", a.t.TempDir())
	require.NoError(a.t, err)
	ctx, stop := context.WithTimeout(ctx, 20*time.Second)
	defer stop()
	results := []plan.Result{{Change: &change.Apply{Object: live(a.t, deployment(false, 5))}, Action: plan.Created}}
	return Wait(ctx, client, results, a.t.Logf)
}

// send sends a part of the answer to a watch.
func send(w http.ResponseWriter, kind, object string) {
	fmt.Fprintf(w, `{"type":%q,"object":%s}`+"\n", kind, object)
	_ = http.NewResponseController(w).Flush()
}

// asks is the number of requests, without discovery and reasons.
type asks struct{ lists, watches, gets int }

func TestWaitByWatch(t *testing.T) {
	refuse := func(code int) func(*api, http.ResponseWriter, *http.Request, int) {
		return func(a *api, w http.ResponseWriter, _ *http.Request, _ int) {
			a.becomeReady()
			http.Error(w, `{"kind":"Status","apiVersion":"v1","status":"Failure"}`, code)
		}
	}
	for name, c := range map[string]struct {
		watch func(a *api, w http.ResponseWriter, r *http.Request, nth int)
		asks  asks
		err   string
	}{
		"the time-out of requests does not end a watch": {func(_ *api, w http.ResponseWriter, _ *http.Request, _ int) {
			send(w, "MODIFIED", deployment(false, 101))
			time.Sleep(1200 * time.Millisecond)
			send(w, "MODIFIED", deployment(true, 102))
		}, asks{1, 1, 0}, ""},
		"a broken watch is resumed": {func(_ *api, w http.ResponseWriter, r *http.Request, nth int) {
			if nth == 1 {
				send(w, "MODIFIED", deployment(false, 101))
				panic(http.ErrAbortHandler)
			}
			if r.URL.Query().Get("resourceVersion") == "101" {
				send(w, "MODIFIED", deployment(true, 102))
			}
		}, asks{1, 2, 0}, ""},
		"a version that is too old is listed again": {func(a *api, w http.ResponseWriter, _ *http.Request, _ int) {
			a.becomeReady()
			send(w, "ERROR", `{"kind":"Status","apiVersion":"v1","status":"Failure","code":410,"reason":"Expired"}`)
		}, asks{2, 1, 0}, ""},
		"who may not watch polls":              {refuse(http.StatusForbidden), asks{1, 1, 1}, ""},
		"a server that cannot watch is polled": {refuse(http.StatusMethodNotAllowed), asks{1, 1, 1}, ""},
		"a deleted object": {func(_ *api, w http.ResponseWriter, _ *http.Request, _ int) {
			send(w, "DELETED", deployment(false, 101))
		}, asks{1, 1, 0}, "deployment.apps/web: it was deleted"},
		"events that a proxy holds back": {func(a *api, _ http.ResponseWriter, r *http.Request, _ int) {
			a.becomeReady()
			<-r.Context().Done()
		}, asks{1, 1, 1}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &api{t: t}
			a.watch = func(w http.ResponseWriter, r *http.Request, nth int) { c.watch(a, w, r, nth) }
			err := a.wait(t.Context())
			if c.err == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.err)
			}
			got := asks{a.lists, a.watches, a.gets}
			if c.asks.lists == 2 {
				got.watches = c.asks.watches // the watch after the second list may have begun
			}
			require.Equal(t, c.asks, got)
		})
	}
}

func TestInterruptEndsWaitAtOnce(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	var at time.Time
	a := &api{t: t, watch: func(_ http.ResponseWriter, r *http.Request, _ int) {
		at = time.Now()
		interrupt()
		<-r.Context().Done()
	}}
	require.ErrorIs(t, a.wait(ctx), context.Canceled)
	require.Less(t, time.Since(at), time.Second)
}
