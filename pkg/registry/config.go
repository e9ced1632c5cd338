package registry

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/regctl/regctl/pkg/hint"
)

// Config is distribution's configuration, as its config.yml has it.
type Config = configuration.Configuration

// defaults are the settings of a registry that nobody has configured. There is no
// cache of blobs: it would go on promising one that was found damaged.
//
// What is left of uploads that were broken off goes after a day.
const defaults = `version: 0.1
storage:
  delete: {enabled: true}
  maintenance: {uploadpurging: {enabled: true, age: 24h, interval: 1h, dryrun: false}}
health:
  storagedriver: {enabled: true, interval: 10s, threshold: 3}
`

// ParseConfig reads distribution's config.yml and lays every REGISTRY_* variable
// of the process's environment over it, as distribution itself does. Where yml is
// nil the defaults stand in, with fallback as the storage unless a variable names one.
func ParseConfig(yml []byte, fallback Storage) (cfg *Config, err error) {
	defer func() {
		// distribution panics where two kinds of storage are named
		if p := recover(); p != nil {
			err = fmt.Errorf("configuration: %v", p)
		}
	}()
	if yml != nil {
		return parse(yml)
	}
	cfg, err = parse([]byte(defaults))
	if err == nil {
		return cfg, nil
	}
	// no variable names a storage either
	cfg, err = parse([]byte(strings.Replace(defaults, "storage:\n", "storage:\n  inmemory: {}\n", 1)))
	if err != nil {
		return nil, err
	}
	SetStorage(cfg, fallback)
	return cfg, nil
}

func parse(yml []byte) (*Config, error) {
	cfg, err := configuration.Parse(bytes.NewReader(yml))
	if err != nil {
		return nil, hint.Errorf("see https://distribution.github.io/distribution/about/configuration/", "configuration: %w", err)
	}
	if cfg.HTTP.Host == "" { // else a header of whoever asks decides where an upload goes on
		cfg.HTTP.RelativeURLs = true
	}
	return cfg, nil
}

// SetStorage replaces the kind of storage and its parameters; deletion, caching
// and maintenance settings stay, and of the same kind of storage what s does not say
// (the keys of S3, which may come from variables).
func SetStorage(cfg *Config, s Storage) {
	kind := cfg.Storage.Type()
	parameters := configuration.Parameters(maps.Clone(s.Parameters))
	if parameters == nil {
		parameters = configuration.Parameters{}
	}
	if kind == s.Kind {
		for key, value := range cfg.Storage.Parameters() {
			if _, said := parameters[key]; !said {
				parameters[key] = value
			}
		}
	}
	if kind != "" {
		delete(cfg.Storage, kind)
	}
	cfg.Storage[s.Kind] = parameters
	if s.Kind == "s3" {
		setRedirect(cfg, s)
		if cfg.Storage["cache"] == nil { // each question is a round trip there
			cfg.Storage["cache"] = configuration.Parameters{"blobdescriptor": "inmemory"}
		}
	}
}

// setRedirect keeps pulls on the registry's own address where S3 is not Amazon's: a
// server of one's own is often out of the clients' reach, and its CA unknown to them.
func setRedirect(cfg *Config, s Storage) {
	_, configured := cfg.Storage["redirect"]
	_, own := s.Parameters["regionendpoint"]
	switch {
	case s.Redirect != nil:
		own = !*s.Redirect
	case configured:
		return
	}
	cfg.Storage["redirect"] = configuration.Parameters{"disable": own}
}

// ReadOnly tells whether the registry is to refuse pushes and deletions.
func ReadOnly(cfg *Config) bool {
	readonly, _ := cfg.Storage["maintenance"]["readonly"].(map[any]any)
	on, _ := readonly["enabled"].(bool)
	return on
}

// Ignored lists what a configuration sets and this server does not heed.
func Ignored(cfg *Config) (keys []string) {
	for key, set := range map[string]bool{
		"http.net: " + cfg.HTTP.Net: cfg.HTTP.Net != "" && cfg.HTTP.Net != "tcp",
		"http.h2c":                  cfg.HTTP.H2C.Enabled,
		"http.debug (pprof)":        cfg.HTTP.Debug.Addr != "" && !cfg.HTTP.Debug.Prometheus.Enabled,
		"http.debug.prometheus.path (it is /metrics)": cfg.HTTP.Debug.Prometheus.Path != "" && cfg.HTTP.Debug.Prometheus.Path != "/metrics",
		"log.fields": len(cfg.Log.Fields) > 0,
		"log.hooks":  len(cfg.Log.Hooks) > 0,
	} {
		if set {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// SetReadOnly makes the registry refuse pushes and deletions.
func SetReadOnly(cfg *Config) {
	maintenance := cfg.Storage["maintenance"]
	if maintenance == nil {
		maintenance = configuration.Parameters{}
		cfg.Storage["maintenance"] = maintenance
	}
	maintenance["readonly"] = map[any]any{"enabled": true}
}

// ClearAuth makes distribution let everyone in: users are checked by the handler around it.
func ClearAuth(cfg *Config) { cfg.Auth = configuration.Auth{} }
