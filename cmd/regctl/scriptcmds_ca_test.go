package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"slices"

	"github.com/rogpeppe/go-internal/testscript"
)

// believes CA NAME CERT [KEY]: fails unless a TLS client that trusts the file CA and
// nothing else, and asks for NAME (a host name or an IP address), believes a server
// that shows the file CERT; and unless the file KEY is that of the certificate. With
// ! the client must not believe it.
func believes(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: believes CA NAME CERT [KEY]")
	}
	ca, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		ts.Fatalf("%s: no certificate found", args[0])
	}
	shown, err := os.ReadFile(ts.MkAbs(args[2]))
	ts.Check(err)
	between.AppendCertsFromPEM(shown)
	leaf := firstOf(ts, args[2])
	_, err = leaf.Verify(x509.VerifyOptions{DNSName: args[1], Roots: roots, Intermediates: between})
	if (err == nil) == neg {
		ts.Fatalf("%s for %s: believed by who trusts %s: %t (%v)", args[2], args[1], args[0], err == nil, err)
	}
	if len(args) > 3 {
		_, err := tls.LoadX509KeyPair(ts.MkAbs(args[2]), ts.MkAbs(args[3]))
		ts.Check(err)
	}
}

// dnsnames CERT NAME...: fails unless these, in this order, are the DNS names that the
// file's first certificate is for. regctl ca inspect shows none that is an address.
func dnsnames(ts *testscript.TestScript, neg bool, args []string) {
	if got := firstOf(ts, args[0]).DNSNames; slices.Equal(got, args[1:]) == neg {
		ts.Fatalf("%s has the DNS names %q", args[0], got)
	}
}

func firstOf(ts *testscript.TestScript, file string) *x509.Certificate {
	text, err := os.ReadFile(ts.MkAbs(file))
	ts.Check(err)
	block, _ := pem.Decode(text)
	if block == nil {
		ts.Fatalf("%s: no PEM in it", file)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	ts.Check(err)
	return cert
}
