package serve

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/loopback"
	"github.com/regctl/regctl/pkg/registry"
)

// resolve lays the settings over the configuration file and its variables. It
// only reads: a mistake in any of the three leaves the disk as it was.
func (s *Settings) resolve() (*registry.Config, error) {
	cfg, err := s.config()
	if err != nil {
		return nil, err
	}
	if s.Storage != "" {
		storage, err := registry.ParseStorage(s.Storage)
		if err != nil {
			return nil, err
		}
		registry.SetStorage(cfg, storage)
	}
	if s.ReadOnly {
		registry.SetReadOnly(cfg)
	}
	cfg.Proxy.RemoteURL = cmp.Or(s.Proxy, cfg.Proxy.RemoteURL)
	if err := checkProxy(s.Proxy); err != nil {
		return nil, err
	}
	cfg.HTTP.Addr = cmp.Or(s.Addr, cfg.HTTP.Addr, "127.0.0.1:5000")
	if _, port, err := net.SplitHostPort(cfg.HTTP.Addr); err != nil || port == "" {
		return nil, hint.BadUsage(fmt.Errorf("address %q: not HOST:PORT or :PORT", cfg.HTTP.Addr), "regctl serve --addr 127.0.0.1:5000")
	}
	if cfg.HTTP.Debug.Prometheus.Enabled {
		s.MetricsAddr = cmp.Or(s.MetricsAddr, cfg.HTTP.Debug.Addr)
	}
	if err := s.resolveTLS(cfg); err != nil {
		return nil, err
	}
	return cfg, s.resolveAuth(cfg)
}

func (s *Settings) config() (*registry.Config, error) {
	var yml []byte
	if s.Config != "" {
		var err error
		if yml, err = os.ReadFile(s.Config); err != nil {
			return nil, err
		}
	}
	return registry.ParseConfig(yml, registry.Files(s.Root))
}

// checkProxy wants an address alone of --proxy: a password in it would stand in every list of processes.
func checkProxy(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return nil
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return hint.BadUsage(errors.New("--proxy: not a URL, with https:// or http:// before the host"), "regctl serve --proxy https://registry-1.docker.io")
	case u.User != nil:
		return hint.BadUsage(fmt.Errorf("--proxy %s: a login does not belong into the URL", u.Redacted()), "set REGISTRY_PROXY_USERNAME and REGISTRY_PROXY_PASSWORD")
	}
	return nil
}

func (s *Settings) resolveTLS(cfg *registry.Config) error {
	t := &cfg.HTTP.TLS
	if s.NoTLS && s.TLSCert != "" {
		return hint.BadUsage(errors.New("--no-tls and --tls-cert exclude each other"), "")
	}
	t.Certificate, t.Key = cmp.Or(s.TLSCert, t.Certificate), cmp.Or(s.TLSKey, t.Key)
	switch {
	case (t.Certificate == "") != (t.Key == ""):
		return hint.BadUsage(errors.New("a certificate needs its key and a key its certificate"), "give --tls-cert and --tls-key")
	case t.LetsEncrypt.CacheFile != "":
		return hint.Errorf("give --tls-cert and --tls-key of a certificate that your ACME client renews; it is taken up without a restart",
			"http.tls.letsencrypt is not supported")
	case s.NoTLS && t.Certificate == "" && !s.Insecure && !loopback.Is(cfg.HTTP.Addr):
		return hint.BadUsage(fmt.Errorf("passwords and images would cross the network in the clear: --no-tls on %s", cfg.HTTP.Addr),
			"leave --no-tls out, listen on 127.0.0.1, or add --insecure where something else encrypts")
	}
	return nil
}

// resolveAuth takes distribution's htpasswd out of the configuration: ours is put
// in its place, which refuses what that one would ignore. Its other kinds stay.
func (s *Settings) resolveAuth(cfg *registry.Config) error {
	kind := cmp.Or(s.Auth, cfg.Auth.Type(), "htpasswd")
	switch {
	case kind == "token" && s.Auth == "":
		s.Auth = kind
		return nil
	case kind != "htpasswd" && kind != "none":
		return hint.Errorf("use htpasswd, token or none", "configuration: auth: %s is not supported", kind)
	}
	if kind == "htpasswd" {
		if path, ok := cfg.Auth["htpasswd"]["path"].(string); ok && s.Htpasswd == "" {
			s.Htpasswd = path
		}
	} else if s.Htpasswd != "" {
		return hint.BadUsage(errors.New("--auth none and --htpasswd exclude each other"), "")
	}
	s.Auth = kind
	registry.ClearAuth(cfg)
	return nil
}
