package serve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/loopback"
	"github.com/regctl/regctl/pkg/registry"
)

// resolve applies the settings to the configuration file and its variables. It
// only reads: a mistake in any of the three leaves the disk as it was.
func (s *Settings) resolve(ctx context.Context, warn func(format string, args ...any)) (*registry.Config, error) {
	cfg, err := s.config(warn)
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
	cfg.HTTP.Net = cmp.Or(cfg.HTTP.Net, "tcp")
	if cfg.HTTP.Debug.Prometheus.Enabled {
		s.MetricsAddr = cmp.Or(s.MetricsAddr, cfg.HTTP.Debug.Addr)
	}
	if err := s.checkAddresses(ctx, cfg); err != nil {
		return nil, err
	}
	if err := s.resolveTLS(cfg); err != nil {
		return nil, err
	}
	return cfg, s.resolveAuth(cfg)
}

// checkAddresses refuses what cannot be listened on, before anything is written.
func (s *Settings) checkAddresses(ctx context.Context, cfg *registry.Config) error {
	if !slices.Contains([]string{"tcp", "tcp4", "tcp6"}, cfg.HTTP.Net) {
		return hint.Errorf("set http.net (REGISTRY_HTTP_NET) to tcp, tcp4 or tcp6", "http.net: %q is not supported", cfg.HTTP.Net)
	}
	if err := checkAddress(ctx, "--addr", cfg.HTTP.Addr); err != nil || s.MetricsAddr == "" {
		return err
	}
	return checkAddress(ctx, "--metrics-addr", s.MetricsAddr)
}

func checkAddress(ctx context.Context, flag, addr string) error {
	host, port, err := net.SplitHostPort(addr)
	advice := "regctl serve " + flag + " " + hint.Quote(net.JoinHostPort(cmp.Or(host, "127.0.0.1"), "5000"))
	switch {
	case err != nil || port == "":
		return hint.BadUsage(fmt.Errorf("%s %q: must be HOST:PORT or :PORT", flag, addr), "regctl serve "+flag+" 127.0.0.1:5000")
	case !isPort(ctx, port):
		return hint.BadUsage(fmt.Errorf("%s %q: port must be between 0 and 65535", flag, addr), advice)
	}
	return nil
}

// isPort tells whether port is a number or the name of a service, as net.Listen takes it.
func isPort(ctx context.Context, port string) bool {
	_, err := net.DefaultResolver.LookupPort(ctx, "tcp", port)
	return err == nil
}

func (s *Settings) config(warn func(format string, args ...any)) (*registry.Config, error) {
	var yml []byte
	if s.Config != "" {
		var err error
		if yml, err = os.ReadFile(s.Config); err != nil {
			return nil, err
		}
	}
	cfg, err := registry.ParseConfig(yml, registry.Files(s.Root))
	if err != nil {
		return nil, err
	}
	for _, warning := range registry.Warnings(cfg, yml) {
		warn("configuration: %s", warning)
	}
	return cfg, nil
}

// checkProxy refuses credentials in --proxy: they would be visible in every list of processes.
func checkProxy(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return nil
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return hint.BadUsage(errors.New("--proxy: must be a URL that begins with https:// or http://"), "regctl serve --proxy https://registry-1.docker.io")
	case u.User != nil:
		return hint.BadUsage(fmt.Errorf("--proxy %s: credentials are not accepted in the URL", u.Redacted()), "set REGISTRY_PROXY_USERNAME and REGISTRY_PROXY_PASSWORD")
	}
	return nil
}

func (s *Settings) resolveTLS(cfg *registry.Config) error {
	t := &cfg.HTTP.TLS
	if s.NoTLS && s.TLSCert != "" {
		return hint.BadUsage(errors.New("--no-tls and --tls-cert cannot be used together"), "")
	}
	t.Certificate, t.Key = cmp.Or(s.TLSCert, t.Certificate), cmp.Or(s.TLSKey, t.Key)
	switch {
	case (t.Certificate == "") != (t.Key == ""):
		return hint.BadUsage(errors.New("a certificate requires its key, and a key its certificate"), "give --tls-cert and --tls-key")
	case t.LetsEncrypt.CacheFile != "":
		return hint.Errorf("give --tls-cert and --tls-key of a certificate that your ACME client renews; regctl reloads renewed files",
			"http.tls.letsencrypt is not supported")
	case s.NoTLS && t.Certificate == "" && !s.Insecure && !loopback.Is(cfg.HTTP.Addr):
		return hint.BadUsage(fmt.Errorf("--no-tls on %s: passwords and images would cross the network unencrypted", cfg.HTTP.Addr),
			"remove --no-tls, listen on 127.0.0.1, or add --insecure if a proxy encrypts")
	}
	return nil
}

// resolveAuth replaces distribution's htpasswd by our own, which refuses malformed lines
// that distribution ignores. Its other kinds of authentication stay.
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
		s.Realm, _ = cfg.Auth["htpasswd"]["realm"].(string)
	} else if s.Htpasswd != "" {
		return hint.BadUsage(errors.New("--auth none and --htpasswd cannot be used together"), "")
	}
	s.Auth = kind
	registry.ClearAuth(cfg)
	return nil
}
