package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// tokenregistry VAR: starts a registry (regctl serve, behind a door) whose passwords are tokens
// of the API server, as OpenShift's are: the door asks it whose the token is (TokenReview)
// and whether that user may pull or push (SubjectAccessReview). Sets VAR to its host:port.
func tokenregistry(ts *testscript.TestScript, _ bool, args []string) {
	address, err := freeAddress()
	ts.Check(err)
	ctx, stop := context.WithCancel(context.Background())
	serve := exec.CommandContext(ctx, "regctl", "serve", "--addr", address, "--no-tls", "--auth", "none", "--trust", "none", "--storage", "memory:")
	serve.Env = append(os.Environ(), "HOME="+ts.MkAbs(args[0]+".home"), "XDG_RUNTIME_DIR=", "REGCTL_SETTINGS=/dev/null")
	ts.Check(serve.Start())
	door := httptest.NewServer(&tokenDoor{&httputil.ReverseProxy{ErrorLog: log.New(io.Discard, "", 0), Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: address})
		r.Out.Host = r.In.Host
	}}})
	ts.Defer(func() { door.Close(); stop(); _ = serve.Wait() })
	ts.Check(answers("http://" + address + "/v2/"))
	ts.Setenv(args[0], door.Listener.Addr().String())
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func answers(url string) (err error) {
	for range 300 {
		var resp *http.Response
		if resp, err = http.Get(url); err == nil {
			return resp.Body.Close()
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

// tokenDoor lets those pass of whom the API server says that they may.
type tokenDoor struct{ registry http.Handler }

func (d *tokenDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, token, _ := r.BasicAuth()
	user, err := whose(token)
	if err != nil || user.Username == "" {
		w.Header().Set("WWW-Authenticate", `Basic realm="cluster"`)
		http.Error(w, `{"errors":[{"code":"UNAUTHORIZED"}]}`, http.StatusUnauthorized)
		return
	}
	if may, err := mayDo(user, r); err != nil || !may {
		http.Error(w, `{"errors":[{"code":"DENIED"}]}`, http.StatusForbidden)
		return
	}
	d.registry.ServeHTTP(w, r)
}

type reviewed struct {
	Username string   `json:"username"`
	Groups   []string `json:"groups"`
}

func whose(token string) (user reviewed, err error) {
	if token == "" {
		return user, nil
	}
	answer, err := ask(http.MethodPost, "/apis/authentication.k8s.io/v1/tokenreviews",
		fmt.Appendf(nil, `{"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": %q}}`, token))
	var review struct{ Status struct{ User reviewed } }
	if err == nil {
		err = json.Unmarshal(answer, &review)
	}
	return review.Status.User, err
}

// mayDo asks for the right that OpenShift's registry asks for: imagestreams/layers of the namespace that is the
// first part of the repository's name.
func mayDo(user reviewed, r *http.Request) (bool, error) {
	namespace, _, named := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v2/"), "/")
	if !named {
		return true, nil
	}
	verb := "update"
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		verb = "get"
	}
	question, err := json.Marshal(map[string]any{
		"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
		"spec": map[string]any{"user": user.Username, "groups": user.Groups, "resourceAttributes": map[string]any{
			"namespace": namespace, "verb": verb, "group": "image.openshift.io", "resource": "imagestreams", "subresource": "layers",
		}},
	})
	if err != nil {
		return false, err
	}
	answer, err := ask(http.MethodPost, "/apis/authorization.k8s.io/v1/subjectaccessreviews", question)
	var review struct{ Status struct{ Allowed bool } }
	if err == nil {
		err = json.Unmarshal(answer, &review)
	}
	return review.Status.Allowed, err
}
