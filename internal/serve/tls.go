package serve

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/regctl/regctl/pkg/atomicfile"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/registry"
)

// certificate sets up TLS with the files that were given, or with a pair that our own CA issues.
func (r *run) certificate() error {
	if r.NoTLS {
		return nil
	}
	cert, key := r.cfg.HTTP.TLS.Certificate, r.cfg.HTTP.TLS.Key
	if cert == "" {
		if err := r.issue(); err != nil {
			return err
		}
		cert, key = r.pair()
	}
	c, err := registry.LoadCertificate(cert, key, r.log, r.Now)
	if err != nil {
		return err
	}
	r.tls, err = c.TLSConfig(r.cfg)
	return err
}

// issue creates the CA and the server's certificate if they are missing or expire.
func (r *run) issue() error {
	o := certs.Options{Now: r.Now, Rand: r.Rand, Warn: r.Warn}
	cert, key, serial := r.Settings.ca()
	ca, made, err := certs.EnsureCA(certs.CAFiles{Cert: cert, Key: key, Serial: serial}, fmt.Sprintf("regctl-signer@%d", r.Now().Unix()), o)
	if err != nil {
		return err
	}
	if made {
		r.log.Debug("CA created", "file", cert)
	}
	crt, k := r.pair()
	renewed, why, err := ca.EnsureServer(certs.PairFiles{Cert: crt, Key: k}, r.names(), o)
	if err == nil && renewed {
		r.log.Debug("certificate issued", "file", crt, "why", why)
	}
	r.ca = ca.PEM()
	return err
}

// renew checks twice a day whether our own certificate is about to expire. The
// server reloads a new one.
func (r *run) renew(ctx context.Context) error {
	tick := time.NewTicker(12 * time.Hour)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if r.ca != nil {
			if err := r.issue(); err != nil {
				r.log.Error("cannot renew the certificate", "err", err, "hint", hint.Of(err))
			}
		}
	}
}

// names are the names and addresses of this machine, for the certificate.
func (r *run) names() []string {
	names := []string{"localhost"}
	if host, _, _ := net.SplitHostPort(r.addr); host != "" && !net.ParseIP(host).IsUnspecified() {
		names = append(names, host)
	}
	if r.Hostname != "" {
		names = append(names, r.Hostname)
	}
	names = append(names, "127.0.0.1", "::1")
	addrs, _ := net.InterfaceAddrs() // on failure the certificate has fewer names
	for _, a := range addrs {
		if ip, ok := a.(*net.IPNet); ok && !ip.IP.IsLinkLocalUnicast() {
			names = append(names, ip.IP.String())
		}
	}
	return slices.Compact(append(names, r.Hostnames...))
}

// trustOutgoing adds a CA to the system's for connections to the storage and to the
// proxied registry. Distribution uses the process's default transport for them.
func trustOutgoing(file string) error {
	if file == "" {
		return nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return err
	}
	if err := addRoots(pool, file); err != nil {
		return hint.New(fmt.Errorf("--ca: %w", err), "regctl ca inspect "+hint.Quote(file))
	}
	if bundle := os.Getenv("AWS_CA_BUNDLE"); bundle != "" { // which the SDK for S3 would trust alone
		if err := addRoots(pool, bundle); err != nil {
			return fmt.Errorf("AWS_CA_BUNDLE: %w", err)
		}
		if err := os.Unsetenv("AWS_CA_BUNDLE"); err != nil {
			return err
		}
	}
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return fmt.Errorf("--ca cannot be used: the default transport is a %T", http.DefaultTransport)
	}
	t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return nil
}

func addRoots(pool *x509.CertPool, file string) error {
	pem, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := certs.AddTo(pool, pem); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// secret keeps the key that signs the state of uploads, so that a push can continue after a restart.
func (r *run) secret() error {
	if r.cfg.HTTP.Secret != "" {
		return nil
	}
	file := filepath.Join(r.Root, "http.secret")
	b, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return hint.New(err, "check its owner: ls -l "+hint.Quote(file)+"; or name another directory: regctl serve --root DIR")
	}
	if len(b) < 32 {
		random := make([]byte, 32)
		if _, err := io.ReadFull(r.Rand, random); err != nil {
			return err
		}
		b = []byte(hex.EncodeToString(random))
		if err := atomicfile.Write(file, b, 0o600); err != nil {
			return err
		}
	}
	r.cfg.HTTP.Secret = string(b)
	return nil
}
