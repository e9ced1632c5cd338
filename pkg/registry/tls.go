package registry

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
)

// Certificate is a certificate and key in files, reloaded when they change.
type Certificate struct {
	cert, key string
	log       *slog.Logger
	now       func() time.Time

	mu      sync.Mutex
	pair    *tls.Certificate
	checked time.Time // when the files were last looked at
	stamp   [2]time.Time
}

// LoadCertificate reads a certificate (with its chain) and its key, in PEM.
func LoadCertificate(cert, key string, log *slog.Logger, now func() time.Time) (*Certificate, error) {
	c := &Certificate{cert: cert, key: key, log: log, now: now}
	stamp, err := c.stamps()
	if err != nil {
		return nil, hint.New(err, "regctl ca create-server-cert --help")
	}
	return c, c.load(stamp)
}

func (c *Certificate) load(stamp [2]time.Time) error {
	pair, err := readPair(c.cert, c.key)
	if err != nil {
		return hint.New(fmt.Errorf("certificate %s with key %s: %w", c.cert, c.key, err), "regctl ca inspect "+c.cert+" --key "+c.key)
	}
	if left := pair.Leaf.NotAfter.Sub(c.now()); left <= 0 {
		c.log.Warn("the certificate has expired, clients will refuse it", "file", c.cert, "since", pair.Leaf.NotAfter)
	}
	c.pair, c.stamp = &pair, stamp
	return nil
}

func readPair(certFile, keyFile string) (tls.Certificate, error) {
	cert, err := os.ReadFile(certFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	return certs.KeyPair(cert, key)
}

func (c *Certificate) stamps() (s [2]time.Time, err error) {
	for i, name := range []string{c.cert, c.key} {
		info, err := os.Stat(name)
		if err != nil {
			return s, err
		}
		s[i] = info.ModTime()
	}
	return s, nil
}

// Get is for tls.Config.GetCertificate. It looks at the files once a second at
// most; a pair that does not load (one file of two replaced) leaves the former in use.
func (c *Certificate) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(c.checked) >= time.Second {
		c.checked = now
		if stamp, err := c.stamps(); err == nil && stamp != c.stamp {
			if err := c.load(stamp); err != nil {
				c.log.Warn("cannot reload the certificate; the former stays in use", "err", err)
			} else {
				c.log.Info("certificate reloaded", "file", c.cert, "expires", c.pair.Leaf.NotAfter)
			}
		}
	}
	return c.pair, nil
}

// TLSConfig is how a server offers the certificate; distribution's http.tls
// section may raise the version, choose ciphers and ask clients for certificates.
func (c *Certificate) TLSConfig(cfg *Config) (*tls.Config, error) {
	t := &tls.Config{GetCertificate: c.Get, MinVersion: tls.VersionTLS12}
	if cfg.HTTP.HTTP2.Disabled {
		t.NextProtos = []string{"http/1.1"}
	}
	if v := cfg.HTTP.TLS.MinimumTLS; v != "" {
		version, ok := map[string]uint16{"tls1.2": tls.VersionTLS12, "tls1.3": tls.VersionTLS13}[v]
		if !ok {
			return nil, hint.Errorf("set tls1.2 or tls1.3", "http.tls.minimumtls: %q is unknown or insecure", v)
		}
		t.MinVersion = version
	}
	for _, name := range cfg.HTTP.TLS.CipherSuites {
		id, err := cipher(name)
		if err != nil {
			return nil, err
		}
		t.CipherSuites = append(t.CipherSuites, id)
	}
	return t, clientCAs(t, cfg)
}

func cipher(name string) (uint16, error) {
	for _, s := range tls.CipherSuites() {
		if s.Name == name {
			return s.ID, nil
		}
	}
	return 0, fmt.Errorf("http.tls.ciphersuites: %q is unknown or insecure", name)
}

func clientCAs(t *tls.Config, cfg *Config) error {
	if len(cfg.HTTP.TLS.ClientCAs) == 0 {
		return nil
	}
	t.ClientCAs = x509.NewCertPool()
	for _, file := range cfg.HTTP.TLS.ClientCAs {
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := certs.AddTo(t.ClientCAs, b); err != nil {
			return fmt.Errorf("http.tls.clientcas: %s: %w", file, err)
		}
	}
	modes := map[string]tls.ClientAuthType{
		"": tls.RequireAndVerifyClientCert, "request-client-cert": tls.RequestClientCert, "require-any-client-cert": tls.RequireAnyClientCert,
		"verify-client-cert-if-given": tls.VerifyClientCertIfGiven, "require-and-verify-client-cert": tls.RequireAndVerifyClientCert,
	}
	mode, ok := modes[string(cfg.HTTP.TLS.ClientAuth)]
	if !ok {
		return fmt.Errorf("http.tls.clientauth: %q is unknown", cfg.HTTP.TLS.ClientAuth)
	}
	t.ClientAuth = mode
	return nil
}
