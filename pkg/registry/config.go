package registry

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"strings"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/regctl/regctl/pkg/hint"
	"go.yaml.in/yaml/v2"
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

// ParseConfig reads distribution's config.yml and applies every REGISTRY_* variable
// of the process's environment to it, as distribution itself does; elements of lists
// (REGISTRY_HTTP_TLS_CLIENTCAS_0) too. Without yml it applies them to the defaults, with
// fallback as the storage unless a variable names one.
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

func parse(yml []byte) (cfg *Config, err error) {
	var elements, apart []variable
	for _, v := range variables() {
		if v.use == element {
			elements = append(elements, v)
		}
		if v.use != sets {
			apart = append(apart, v)
		}
	}
	err = withoutVariables(apart, func() error {
		cfg, err = configuration.Parse(bytes.NewReader(yml))
		return err
	})
	if err == nil {
		err = setElements(cfg, elements)
	}
	if err != nil {
		return nil, hint.Errorf("see https://distribution.github.io/distribution/about/configuration/", "configuration: %w", err)
	}
	setFormer(cfg, yml)
	completeStorage(cfg)
	if cfg.HTTP.Host == "" { // otherwise a header of the client decides where an upload continues
		cfg.HTTP.RelativeURLs = true
	}
	return cfg, nil
}

// setFormer applies settings by the names that registry:2 had for them.
func setFormer(cfg *Config, yml []byte) {
	var former struct{ Redis struct{ Addr string } }
	_ = yaml.Unmarshal(yml, &former) // a mistake in it is reported by the parser
	if addr := cmp.Or(os.Getenv("REGISTRY_REDIS_ADDR"), former.Redis.Addr); addr != "" && len(cfg.Redis.Options.Addrs) == 0 {
		cfg.Redis.Options.Addrs = []string{addr}
	}
}

// ReadOnly tells whether the registry is to refuse pushes and deletions.
func ReadOnly(cfg *Config) bool {
	readonly, _ := cfg.Storage["maintenance"]["readonly"].(map[any]any)
	on, _ := readonly["enabled"].(bool)
	return on
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
