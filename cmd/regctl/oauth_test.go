package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/rogpeppe/go-internal/testscript"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// openshift VAR KIND: starts what stands in for an OpenShift cluster where one is logged in to (a
// real OAuth server cannot run here): an API server, an OAuth server, and a registry that takes the
// cluster's tokens. Sets VAR to the API server's URL and VAR_REGISTRY to the registry's host:port;
// writes the CA of all to $WORK/VAR.crt, a kubeconfig without a user to $WORK/VAR.kubeconfig, and to
// $WORK/VAR.log what the servers saw. The
// user alice has the password "secret". KIND is:
//
//	new      code and PKCE, beside Negotiate; hashed names of tokens (4.6)
//	old      no metadata; the token comes in the fragment (3.x)
//	proxy    as new; the user is asked for at another host
//	kerberos only Negotiate is offered
//	web      no challenge at all: the token is to be fetched with a browser
//	loop     it leads round in circles
//	denies   it answers with an error
//	stuck    as new; it does not let tokens be deleted
//	plain    no OpenShift: there is no OAuth server
//	console  a web page at every address
func openshift(ts *testscript.TestScript, _ bool, args []string) {
	f := &fakeOpenShift{kind: args[1], tokens: map[string]bool{}, codes: map[string]string{}}
	var err error
	f.log, err = os.Create(ts.MkAbs(args[0] + ".log"))
	ts.Check(err)
	ts.Defer(func() { _ = f.log.Close() })
	f.api = serveTLS(ts, f.apiServer())
	f.oauth = serveTLS(ts, f.oauthServer())
	f.proxy = serveTLS(ts, http.HandlerFunc(f.proxied))
	reg := serveTLS(ts, f.registry())
	ca := certPEM(f.api.Certificate().Raw)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".crt"), ca, 0o600))
	ts.Setenv(args[0], f.api.URL)
	ts.Setenv(args[0]+"_REGISTRY", reg.Listener.Addr().String())
	conf := api.NewConfig()
	conf.Clusters["lab"] = &api.Cluster{Server: f.api.URL, CertificateAuthorityData: ca}
	conf.Contexts["lab"] = &api.Context{Cluster: "lab", AuthInfo: "nobody", Namespace: "demo"}
	conf.AuthInfos["nobody"] = api.NewAuthInfo()
	conf.CurrentContext = "lab"
	ts.Check(clientcmd.WriteToFile(*conf, ts.MkAbs(args[0]+".kubeconfig")))
}

func serveTLS(ts *testscript.TestScript, h http.Handler) *httptest.Server {
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that are meant to fail
	s.StartTLS()
	ts.Defer(s.Close)
	return s
}

// fakeOpenShift is what the command openshift starts.
type fakeOpenShift struct {
	kind              string
	api, oauth, proxy *httptest.Server

	mu     sync.Mutex
	log    *os.File
	tokens map[string]bool   // by name of the object
	codes  map[string]string // code → challenge
}

func (f *fakeOpenShift) saw(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fmt.Fprintf(f.log, format+"\n", args...)
}

// newToken is given out, and known by the name that OpenShift would give it.
func (f *fakeOpenShift) newToken() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	token := "sha256~" + base64.RawURLEncoding.EncodeToString([]byte(rand.Text() + rand.Text()))[:43]
	if f.kind == "old" {
		token = strings.TrimPrefix(token, "sha256~")
	}
	f.tokens[objectName(token)] = true
	return token
}

func objectName(token string) string {
	secret, hashed := strings.CutPrefix(token, "sha256~")
	if !hashed {
		return token
	}
	sum := sha256.Sum256([]byte(secret))
	return "sha256~" + base64.RawURLEncoding.EncodeToString(sum[:])
}

func (f *fakeOpenShift) valid(token string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return token != "" && f.tokens[objectName(token)]
}

func (f *fakeOpenShift) apiServer() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/oauth-authorization-server", func(w http.ResponseWriter, r *http.Request) {
		if f.kind == "old" || f.kind == "plain" {
			http.NotFound(w, r)
			return
		}
		answer(w, http.StatusOK, map[string]any{
			"issuer": f.oauth.URL, "authorization_endpoint": f.oauth.URL + "/oauth/authorize",
			"token_endpoint": f.oauth.URL + "/oauth/token", "code_challenge_methods_supported": []string{"plain", "S256"},
		})
	})
	if f.kind == "old" { // the API server is the OAuth server too
		mux.HandleFunc("GET /oauth/authorize", f.authorize)
	}
	authorized := func(w http.ResponseWriter, r *http.Request, body any) {
		if !f.valid(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")) {
			answer(w, http.StatusUnauthorized, map[string]any{"kind": "Status", "code": 401})
			return
		}
		answer(w, http.StatusOK, body)
	}
	mux.HandleFunc("GET /apis/user.openshift.io/v1/users/~", func(w http.ResponseWriter, r *http.Request) {
		authorized(w, r, map[string]any{"kind": "User", "metadata": map[string]string{"name": "alice"}})
	})
	mux.HandleFunc("GET /apis/project.openshift.io/v1/projects", func(w http.ResponseWriter, r *http.Request) {
		project := func(name string) any { return map[string]any{"metadata": map[string]string{"name": name}} }
		authorized(w, r, map[string]any{"kind": "ProjectList", "items": []any{project("zoo"), project("demo")}})
	})
	mux.HandleFunc("DELETE /apis/oauth.openshift.io/v1/oauthaccesstokens/{name}", f.delete)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if f.kind == "console" {
			fmt.Fprint(w, "<html>Web Console</html>")
			return
		}
		http.NotFound(w, r)
	})
	if f.kind == "console" {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>Web Console</html>") })
	}
	return mux
}

func (f *fakeOpenShift) delete(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	f.saw("DELETE %s", name)
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.kind == "stuck":
		answer(w, http.StatusForbidden, map[string]any{"kind": "Status", "code": 403})
	case !f.tokens[name]:
		answer(w, http.StatusNotFound, map[string]any{"kind": "Status", "code": 404})
	default:
		delete(f.tokens, name)
		answer(w, http.StatusOK, map[string]any{"kind": "Status", "status": "Success"})
	}
}

func (f *fakeOpenShift) oauthServer() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /oauth/authorize", f.authorize)
	mux.HandleFunc("GET /loop", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/oauth/authorize?"+r.URL.RawQuery, http.StatusFound)
	})
	mux.HandleFunc("POST /oauth/token", f.exchange)
	return mux
}

// authorize asks for a user name and a password, but not a browser, which sends no X-CSRF-Token.
func (f *fakeOpenShift) authorize(w http.ResponseWriter, r *http.Request) {
	f.saw("authorize csrf=%t basic=%t %s", r.Header.Get("X-CSRF-Token") != "", strings.HasPrefix(r.Header.Get("Authorization"), "Basic "), r.URL.Query().Get("response_type"))
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != "openshift-challenging-client" || back.Path != "/oauth/token/implicit" {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_request", "error_description": "the client or its address is wrong"})
		return
	}
	switch f.kind {
	case "loop":
		http.Redirect(w, r, "/loop?"+r.URL.RawQuery, http.StatusFound)
		return
	case "denies":
		back.RawQuery = url.Values{"error": {"access_denied"}, "error_description": {"alice may not log in today"}}.Encode()
		http.Redirect(w, r, back.String(), http.StatusFound)
		return
	case "proxy":
		if r.Header.Get("Authorization") != "" {
			f.saw("the OAuth server was shown the password")
		}
		if q.Get("ticket") != "good" {
			http.Redirect(w, r, f.proxy.URL+"/login?"+r.URL.RawQuery, http.StatusFound)
			return
		}
	default:
		if !f.knows(w, r) {
			return
		}
	}
	f.leave(w, r, back, q)
}

// proxied is another host that knows the users. It uses the word code for something of its own.
func (f *fakeOpenShift) proxied(w http.ResponseWriter, r *http.Request) {
	if !f.knows(w, r) {
		return
	}
	if r.URL.Query().Get("code") == "" {
		http.Redirect(w, r, "/login?"+r.URL.RawQuery+"&code=own", http.StatusFound)
		return
	}
	http.Redirect(w, r, f.oauth.URL+"/oauth/authorize?"+strings.Replace(r.URL.RawQuery, "&code=own", "", 1)+"&ticket=good", http.StatusFound)
}

// knows tells whether the request is alice's, and asks for the password where it has none.
func (f *fakeOpenShift) knows(w http.ResponseWriter, r *http.Request) bool {
	if r.Header.Get("X-CSRF-Token") == "" {
		w.Header().Set("Warning", `199 OpenShift "A non-empty X-CSRF-Token header is required to receive basic-auth challenges"`)
		w.WriteHeader(http.StatusUnauthorized)
		return false
	}
	if user, password, _ := r.BasicAuth(); user == "alice" && password == "secret" {
		return true
	}
	switch f.kind {
	case "web":
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, "You must obtain an API token by visiting %s/oauth/token/request\n", f.oauth.URL)
		return false
	case "kerberos":
		w.Header().Add("WWW-Authenticate", "Negotiate")
	case "old":
		w.Header().Add("WWW-Authenticate", `Basic realm="openshift"`)
	default:
		w.Header().Add("WWW-Authenticate", "Negotiate")
		w.Header().Add("WWW-Authenticate", `Basic realm="openshift"`)
	}
	w.WriteHeader(http.StatusUnauthorized)
	return false
}

// leave sends the client to the address where it finds the answer.
func (f *fakeOpenShift) leave(w http.ResponseWriter, r *http.Request, back *url.URL, q url.Values) {
	if q.Get("response_type") == "token" {
		back.Fragment = "access_token=" + f.newToken() + "&expires_in=86400&token_type=Bearer"
		http.Redirect(w, r, back.String(), http.StatusFound)
		return
	}
	if q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_request", "error_description": "no PKCE"})
		return
	}
	code := rand.Text()
	f.mu.Lock()
	f.codes[code] = q.Get("code_challenge")
	f.mu.Unlock()
	back.RawQuery = url.Values{"code": {code}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// exchange gives the token for a code, once, to who knows what its challenge was made from.
func (f *fakeOpenShift) exchange(w http.ResponseWriter, r *http.Request) {
	f.saw("exchange csrf=%t", r.Header.Get("X-CSRF-Token") != "")
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	id, _, _ := r.BasicAuth()
	f.mu.Lock()
	challenge, known := f.codes[r.FormValue("code")]
	delete(f.codes, r.FormValue("code"))
	f.mu.Unlock()
	if !known || challenge != base64.RawURLEncoding.EncodeToString(sum[:]) || id != "openshift-challenging-client" || r.FormValue("grant_type") != "authorization_code" {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	answer(w, http.StatusOK, map[string]any{"access_token": f.newToken(), "token_type": "Bearer", "expires_in": 86400})
}

// registry takes the cluster's tokens, as the password beside any name, or as they are.
func (f *fakeOpenShift) registry() http.Handler {
	v2 := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.saw("registry %s %s", r.Method, r.URL.Path)
		_, token, ok := r.BasicAuth()
		if !ok {
			token = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		}
		switch {
		case r.URL.Path == "/openshift/token" && f.valid(token):
			answer(w, http.StatusOK, map[string]string{"token": token, "access_token": token})
		case r.URL.Path == "/openshift/token":
			answer(w, http.StatusUnauthorized, map[string]any{"details": "no"})
		case !f.valid(token):
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="https://%s/openshift/token"`, r.Host))
			w.WriteHeader(http.StatusUnauthorized)
		default:
			v2.ServeHTTP(w, r)
		}
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
