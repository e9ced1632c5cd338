package openshift

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
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
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/regctl/regctl/e2e/scripts"
	"github.com/rogpeppe/go-internal/testscript"
)

// registry VAR CERT KEY INSIDE: puts a server in front of "regctl serve" that plays the part of
// OpenShift's own registry, whose image cannot run here: logins by tokens of the API server, rights
// asked of it, names of a project and an image alone, and an image stream for what is pushed, made
// by the user who pushes. It shows the certificate; streams name it by the address INSIDE. VAR is set to where
// it listens; VAR.log lists the requests.
func registry(ts *testscript.TestScript, _ bool, args []string) {
	r, err := newRegistry(ts, args[3])
	ts.Check(err)
	r.log, err = os.Create(ts.MkAbs(args[0] + ".log"))
	ts.Check(err)
	cert, err := tls.LoadX509KeyPair(ts.MkAbs(args[1]), ts.MkAbs(args[2]))
	ts.Check(err)
	s := httptest.NewUnstartedServer(r)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that are meant to fail
	s.StartTLS()
	ts.Defer(s.Close)
	ts.Setenv(args[0], s.Listener.Addr().String())
}

// registryPlain VAR: starts "regctl serve" without TLS and users, and sets VAR to where it listens.
func registryPlain(ts *testscript.TestScript, _ bool, args []string) {
	at, err := store(ts)
	ts.Check(err)
	ts.Setenv(args[0], at.Host)
}

// fakeRegistry is what the command registry starts.
type fakeRegistry struct {
	api    string // URL of the API server
	own    string // the registry's own token there
	inside string
	client *http.Client
	behind *httputil.ReverseProxy

	mu   sync.Mutex
	log  *os.File
	tags map[string][]any // of the streams, as their status has them
}

func newRegistry(ts *testscript.TestScript, inside string) (*fakeRegistry, error) {
	k, err := scripts.ReadKubeconfig(ts.Getenv("BOSS"))
	if err != nil {
		return nil, err
	}
	ca, err := base64.StdEncoding.DecodeString(k.CA())
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	to, err := store(ts)
	if err != nil {
		return nil, err
	}
	return &fakeRegistry{
		api: k.Server(), own: k.Token(), inside: inside, tags: map[string][]any{},
		client: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}},
		behind: &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(to)
			p.Out.Host = p.In.Host
			p.SetXForwarded()
			p.Out.Header.Del("Authorization")
		}},
	}, nil
}

// store starts "regctl serve", and returns its URL when it answers.
func store(ts *testscript.TestScript) (*url.URL, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := ln.Addr().String()
	if err := ln.Close(); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "regctl", "serve", "--addr", addr, "--no-tls", "--auth", "none", "--trust", "none", "--root", filepath.Join(ts.Getenv("WORK"), "images"))
	cmd.Env = append(os.Environ(), "HOME="+ts.Getenv("HOME"))
	if err := cmd.Start(); err != nil {
		stop()
		return nil, err
	}
	ts.Defer(func() { stop(); _ = cmd.Wait() })
	for limit := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		resp, err := http.Get("http://" + addr + "/v2/")
		if err == nil {
			return &url.URL{Scheme: "http", Host: addr}, resp.Body.Close()
		}
		if time.Now().After(limit) {
			return nil, err
		}
	}
}

func (f *fakeRegistry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	fmt.Fprintln(f.log, r.Method, r.URL.Path)
	f.mu.Unlock()
	if r.URL.Path == "/openshift/token" {
		f.login(w, r)
		return
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if token == "" {
		w.Header().Set("WWW-Authenticate", `Bearer realm="https://`+r.Host+`/openshift/token"`)
		refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required")
		return
	}
	named := regexp.MustCompile(`^/v2/([^/]+)/([^/]+)/(manifests|blobs|tags)/`).FindStringSubmatch(r.URL.Path)
	switch {
	case r.URL.Path == "/v2/":
	case named == nil:
		http.Error(w, "<html>no project</html>", http.StatusInternalServerError)
		return
	case !f.may(token, verb(r.Method), named[1], named[2]), r.Method == http.MethodPut && named[3] == "manifests" && !f.stream(token, named[1], named[2]):
		refuse(w, http.StatusForbidden, "DENIED", "requested access to the resource is denied")
		return
	}
	out := &answered{ResponseWriter: w}
	f.behind.ServeHTTP(out, r)
	if out.code == http.StatusCreated && named[3] == "manifests" {
		f.pushed(named[1], named[2], r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:], out.Header().Get("Docker-Content-Digest"))
	}
}

// login answers a name and a token by the token, where the API server knows it.
func (f *fakeRegistry) login(w http.ResponseWriter, r *http.Request) {
	_, token, _ := r.BasicAuth()
	if code, _ := f.ask(token, http.MethodPost, "/apis/authentication.k8s.io/v1/selfsubjectreviews", map[string]any{"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}); code != http.StatusCreated {
		refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required")
		return
	}
	answer(w, map[string]any{"token": token, "access_token": token})
}

func verb(method string) string {
	if method == http.MethodGet || method == http.MethodHead {
		return "get"
	}
	return "update"
}

// may asks the API server, as the user, whether the layers of a stream may be read or written.
func (f *fakeRegistry) may(token, verb, ns, name string) bool {
	_, body := f.ask(token, http.MethodPost, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", map[string]any{
		"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": map[string]any{"resourceAttributes": map[string]any{
			"group": "image.openshift.io", "resource": "imagestreams", "subresource": "layers", "verb": verb, "namespace": ns, "name": name,
		}},
	})
	status, _ := body["status"].(map[string]any)
	return status["allowed"] == true
}

func streams(ns string) string {
	return "/apis/image.openshift.io/v1/namespaces/" + ns + "/imagestreams"
}

// stream makes an image stream as the user, where it is missing.
func (f *fakeRegistry) stream(token, ns, name string) bool {
	if code, _ := f.ask(f.own, http.MethodGet, streams(ns)+"/"+name, nil); code == http.StatusOK {
		return true
	}
	code, _ := f.ask(token, http.MethodPost, streams(ns), map[string]any{
		"apiVersion": "image.openshift.io/v1", "kind": "ImageStream", "metadata": map[string]any{"name": name},
	})
	return code == http.StatusCreated || code == http.StatusConflict
}

// pushed writes a tag into the status of the image stream.
func (f *fakeRegistry) pushed(ns, name, tag, digest string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if strings.HasPrefix(tag, "sha256:") {
		return
	}
	at := ns + "/" + name
	f.tags[at] = append(f.tags[at], map[string]any{"tag": tag, "items": []any{map[string]any{
		"created": time.Now().UTC().Format(time.RFC3339), "generation": 1, "image": digest, "dockerImageReference": f.inside + "/" + at + "@" + digest,
	}}})
	f.ask(f.own, http.MethodPatch, streams(ns)+"/"+name+"/status", map[string]any{
		"status": map[string]any{"dockerImageRepository": f.inside + "/" + at, "tags": f.tags[at]},
	})
}

// ask sends a request to the API server.
func (f *fakeRegistry) ask(token, method, path string, body any) (int, map[string]any) {
	data, _ := json.Marshal(body)
	r, err := http.NewRequest(method, f.api+path, bytes.NewReader(data))
	if err != nil {
		return 0, nil
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", map[bool]string{true: "application/merge-patch+json", false: "application/json"}[method == http.MethodPatch])
	resp, err := f.client.Do(r)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = resp.Body.Close() }()
	var read map[string]any
	_ = json.NewDecoder(resp.Body).Decode(&read)
	return resp.StatusCode, read
}

// answered keeps the status of an answer.
type answered struct {
	http.ResponseWriter
	code int
}

func (a *answered) WriteHeader(code int) {
	a.code = code
	a.ResponseWriter.WriteHeader(code)
}

func (a *answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{map[string]string{"code": code, "message": message}}})
}
