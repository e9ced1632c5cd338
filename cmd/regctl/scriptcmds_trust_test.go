package main

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/rogpeppe/go-internal/testscript"
)

// signed VAR KIND NAME...: starts a registry whose certificate is for the NAMEs,
// signed by a CA of its own in $WORK/VAR.crt; sets VAR to its port and VAR_FP to the
// CA's fingerprint. KIND is full (it shows its CA), leaf (it does not) or expired.
func signed(ts *testscript.TestScript, _ bool, args []string) {
	dir := filepath.Join(ts.Getenv("WORK"), args[0])
	ts.Check(os.Mkdir(dir, 0o700))
	o := certs.Options{Now: time.Now, Days: 900}
	if args[1] == "expired" {
		o.Now = func() time.Time { return time.Now().AddDate(0, 0, -100) }
	}
	ca, err := certs.CreateCA(certs.CAFiles{Cert: dir + ".crt", Key: dir + "/ca.key"}, args[0]+" CA", o)
	ts.Check(err)
	o.Days = 90
	pair := certs.PairFiles{Cert: dir + "/tls.crt", Key: dir + "/tls.key"}
	_, err = ca.CreateServer(pair, args[2:], o)
	ts.Check(err)
	shown, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
	ts.Check(err)
	if args[1] == "leaf" {
		shown.Certificate = shown.Certificate[:1]
	}
	s := httptest.NewUnstartedServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that are meant to fail
	s.TLS = &tls.Config{Certificates: []tls.Certificate{shown}, MinVersion: tls.VersionTLS12}
	s.StartTLS()
	ts.Defer(s.Close)
	port := strconv.Itoa(s.Listener.Addr().(*net.TCPAddr).Port)
	ts.Setenv(args[0], port)
	ts.Setenv(args[0]+"_FP", certs.Fingerprint(ca.Cert()))
}
