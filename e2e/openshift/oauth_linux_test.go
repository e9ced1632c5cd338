package openshift

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path"
	"strings"
	"sync"

	"github.com/regctl/regctl/e2e/scripts"
	"github.com/rogpeppe/go-internal/testscript"
)

// oauth VAR: puts a server in front of the real API server that plays the part of OpenShift's OAuth
// server, which cannot run here: it asks for alice's password, which is "secret", and gives a token for
// it. Whoever shows one is the real API server's user dev, until it is deleted. Sets VAR to its URL and writes its CA to $WORK/VAR.crt.
func oauth(ts *testscript.TestScript, _ bool, args []string) {
	f, err := newOAuth(ts.Getenv("DEV"))
	ts.Check(err)
	s := httptest.NewUnstartedServer(f)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that are meant to fail
	s.StartTLS()
	ts.Defer(s.Close)
	f.url = s.URL
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".crt"), ca, 0o600))
	ts.Setenv(args[0], s.URL)
}

// fakeOAuth is what the command oauth starts.
type fakeOAuth struct {
	url string
	api *url.URL
	way http.RoundTripper
	dev string // token at the real API server

	mu     sync.Mutex
	codes  map[string]string // code → challenge
	tokens map[string]bool   // by the name of the object
}

func newOAuth(kubeconfig string) (*fakeOAuth, error) {
	dev, err := scripts.ReadKubeconfig(kubeconfig)
	if err != nil {
		return nil, err
	}
	ca, err := base64.StdEncoding.DecodeString(dev.CA())
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	at, err := url.Parse(dev.Server())
	return &fakeOAuth{
		api: at, way: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}},
		dev: dev.Token(), codes: map[string]string{}, tokens: map[string]bool{},
	}, err
}

func (f *fakeOAuth) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/.well-known/oauth-authorization-server":
		answer(w, map[string]any{
			"issuer": f.url, "authorization_endpoint": f.url + "/oauth/authorize", "token_endpoint": f.url + "/oauth/token",
			"code_challenge_methods_supported": []string{"plain", "S256"},
		})
	case "/oauth/authorize":
		f.authorize(w, r)
	case "/oauth/token":
		f.exchange(w, r)
	default:
		if shown := r.Header.Get("Authorization") != ""; shown && strings.HasPrefix(r.URL.Path, "/apis/oauth.openshift.io/v1/oauthaccesstokens/") {
			f.end(w, r)
			return
		}
		f.forward(w, r)
	}
}

func (f *fakeOAuth) authorize(w http.ResponseWriter, r *http.Request) {
	user, password, _ := r.BasicAuth()
	if r.Header.Get("X-CSRF-Token") == "" || user != "alice" || password != "secret" {
		if r.Header.Get("X-CSRF-Token") != "" {
			w.Header().Set("WWW-Authenticate", `Basic realm="openshift"`)
		}
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	code := rand.Text()
	f.mu.Lock()
	f.codes[code] = r.FormValue("code_challenge")
	f.mu.Unlock()
	http.Redirect(w, r, f.url+"/oauth/token/implicit?code="+code, http.StatusFound)
}

func (f *fakeOAuth) exchange(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	f.mu.Lock()
	challenge, known := f.codes[r.FormValue("code")]
	f.mu.Unlock()
	if !known || challenge != base64.RawURLEncoding.EncodeToString(sum[:]) {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	token := "sha256~" + rand.Text() + rand.Text()
	f.mu.Lock()
	f.tokens[nameOf(token)] = true
	f.mu.Unlock()
	answer(w, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 86400})
}

func nameOf(token string) string {
	sum := sha256.Sum256([]byte(strings.TrimPrefix(token, "sha256~")))
	return "sha256~" + base64.RawURLEncoding.EncodeToString(sum[:])
}

// end deletes a token by its name. The API server cannot keep these objects itself: the names are
// none that a custom resource can have.
func (f *fakeOAuth) end(w http.ResponseWriter, r *http.Request) {
	name := path.Base(r.URL.Path)
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.tokens[name] || r.Method != http.MethodDelete {
		http.Error(w, `{"kind":"Status","code":404}`, http.StatusNotFound)
		return
	}
	delete(f.tokens, name)
	answer(w, map[string]string{"kind": "Status", "status": "Success"})
}

func (f *fakeOAuth) knows(token string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tokens[nameOf(token)]
}

// forward sends a request on as dev, where it shows a token whose object is there.
func (f *fakeOAuth) forward(w http.ResponseWriter, r *http.Request) {
	token, shown := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	r.Header.Del("Authorization")
	if shown {
		if !f.knows(token) {
			http.Error(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Unauthorized","code":401}`, http.StatusUnauthorized)
			return
		}
		r.Header.Set("Authorization", "Bearer "+f.dev)
	}
	p := httputil.NewSingleHostReverseProxy(f.api)
	p.Transport = f.way
	p.ServeHTTP(w, r)
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}
