package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/rogpeppe/go-internal/testscript"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// guarded VAR KIND: starts a registry, sets VAR to its host:port and writes its
// CA to $WORK/VAR.crt. KIND is basic or bearer (any user name, password "secret"),
// open (no login), plain (basic, without TLS) or website (no registry at all).
func guarded(ts *testscript.TestScript, _ bool, args []string) {
	v2 := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	var h http.Handler
	switch args[1] {
	case "open":
		h = v2
	case "basic", "plain":
		h = basicAuth(v2, "secret", `Basic realm="test"`)
	case "bearer":
		h = bearerAuth(v2)
	case "website":
		h = http.NotFoundHandler()
	default:
		ts.Fatalf("guarded: unknown kind %q", args[1])
	}
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that are meant to fail
	if args[1] == "plain" {
		s.Start()
	} else {
		s.StartTLS()
		ts.Check(os.WriteFile(ts.Getenv("WORK")+"/"+args[0]+".crt", certPEM(s.Certificate().Raw), 0o644))
	}
	ts.Defer(s.Close)
	ts.Setenv(args[0], s.Listener.Addr().String())
}

func basicAuth(next http.Handler, password, challenge string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, given, ok := r.BasicAuth(); !ok || given != password {
			w.Header().Set("WWW-Authenticate", challenge)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// bearerAuth is a registry whose tokens come from /token of the same server, for a user name and password.
func bearerAuth(next http.Handler) http.Handler {
	token := rand.Text()
	mux := http.NewServeMux()
	mux.Handle("/token", basicAuth(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"token": token})
	}), "secret", `Basic realm="token"`))
	mux.HandleFunc("/v2/", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="https://%s/token",service="test"`, r.Host))
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
	return mux
}

// cluster FILE: starts a server that plays the two places of the API where it says
// who is asking (a real API server comes with the cluster tests), and writes a
// kubeconfig with a context for each kind of user:
//
//	alice      token "secret", which guarded registries take
//	gone       token that the API does not know
//	expired    token that is a JWT whose time is over
//	admin      certificate of system:admin
//	plugin     exec plugin $WORK/plugin.sh
//	tokenfile  token in $WORK/token
//	nobody     nothing
//	old        as alice, at an OpenShift without SelfSubjectReview
//	away       as alice, at a server that does not answer
func cluster(ts *testscript.TestScript, _ bool, args []string) {
	s := httptest.NewUnstartedServer(whoIsAsking())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	s.StartTLS()
	ts.Defer(s.Close)
	conf := api.NewConfig()
	ca := certPEM(s.Certificate().Raw)
	conf.Clusters["here"] = &api.Cluster{Server: s.URL, CertificateAuthorityData: ca}
	conf.Clusters["old"] = &api.Cluster{Server: s.URL + "/old", CertificateAuthorityData: ca}
	conf.Clusters["away"] = &api.Cluster{Server: "https://127.0.0.1:1"}
	cert, key := clientPair(ts, "system:admin")
	work := ts.Getenv("WORK")
	conf.AuthInfos = map[string]*api.AuthInfo{
		"alice": {Token: "secret"}, "gone": {Token: "sha256~gone"}, "nobody": {},
		"expired":   {Token: expiredJWT()},
		"admin":     {ClientCertificateData: cert, ClientKeyData: key},
		"tokenfile": {TokenFile: work + "/token"},
		"plugin": {Exec: &api.ExecConfig{
			Command: work + "/plugin.sh", APIVersion: "client.authentication.k8s.io/v1", InteractiveMode: api.NeverExecInteractiveMode,
		}},
	}
	for user := range conf.AuthInfos {
		conf.Contexts[user] = &api.Context{Cluster: "here", AuthInfo: user}
	}
	conf.Contexts["old"] = &api.Context{Cluster: "old", AuthInfo: "alice"}
	conf.Contexts["away"] = &api.Context{Cluster: "away", AuthInfo: "alice"}
	conf.CurrentContext = "alice"
	ts.Check(clientcmd.WriteToFile(*conf, ts.MkAbs(args[0])))
}

func whoIsAsking() http.Handler {
	user := func(r *http.Request) string {
		switch token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "); {
		case token == "secret":
			return "alice"
		case token == "" && len(r.TLS.PeerCertificates) > 0:
			return r.TLS.PeerCertificates[0].Subject.CommonName
		}
		return ""
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /apis/authentication.k8s.io/v1/selfsubjectreviews", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"kind":"SelfSubjectReview","status":{"userInfo":{"username":%q,"groups":["system:authenticated"]}}}`, user(r))
	})
	mux.HandleFunc("GET /old/apis/user.openshift.io/v1/users/~", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"kind":"User","metadata":{"name":%q}}`, user(r))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user(r) == "" {
			http.Error(w, `{"kind":"Status","code":401}`, http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func expiredJWT() string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"none"}`)) + "." + part([]byte(`{"sub":"alice","exp":1000000000}`)) + "." + part([]byte("x"))
}

func clientPair(ts *testscript.TestScript, name string) (cert, key []byte) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, k.Public(), k)
	ts.Check(err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(k)
	ts.Check(err)
	return certPEM(der), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

func certPEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
