package registry

import (
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v2"
)

// Warnings lists the settings that have no effect or another name by now: keys of
// config.yml (as yml, which may be nil), REGISTRY_* variables, and settings of the
// parsed configuration that this server does not implement.
func Warnings(cfg *Config, yml []byte) (warnings []string) {
	var node any
	_ = yaml.Unmarshal(yml, &node) // ParseConfig has read it
	for _, key := range unknownKeys(reflect.TypeFor[Config](), node, "") {
		warnings = append(warnings, key+" "+fate(key))
	}
	for _, v := range variables() {
		if v.use == unknown && v.value != "" {
			warnings = append(warnings, v.name+" "+fate(strings.ToLower(strings.Join(v.path, "."))))
		}
	}
	for key, set := range map[string]bool{
		"http.h2c":           cfg.HTTP.H2C.Enabled,
		"http.debug (pprof)": cfg.HTTP.Debug.Addr != "" && !cfg.HTTP.Debug.Prometheus.Enabled,
		"http.debug.prometheus.path (it is /metrics)": cfg.HTTP.Debug.Prometheus.Path != "" && cfg.HTTP.Debug.Prometheus.Path != "/metrics",
		"log.fields":       len(cfg.Log.Fields) > 0,
		"log.hooks":        len(cfg.Log.Hooks) > 0,
		"log.reportcaller": cfg.Log.ReportCaller,
	} {
		if set {
			warnings = append(warnings, key+" is ignored")
		}
	}
	slices.Sort(warnings)
	return warnings
}

// fate says what becomes of a key that the configuration does not have.
func fate(key string) string {
	for ; key != ""; key = key[:max(0, strings.LastIndex(key, "."))] {
		if former, ok := formerKeys()[key]; ok {
			return former
		}
	}
	return "is ignored: unknown setting"
}

// formerKeys are the keys of registry:2 that registry:3 has no more, with what became of them.
func formerKeys() map[string]string {
	return map[string]string{
		"redis.addr":             "is deprecated: use redis.addrs",
		"redis.pool":             "is ignored: use redis.maxidleconns, redis.poolsize and redis.connmaxidletime",
		"redis.pool.maxidle":     "is ignored: use redis.maxidleconns",
		"redis.pool.maxactive":   "is ignored: use redis.poolsize",
		"redis.pool.idletimeout": "is ignored: use redis.connmaxidletime",
		"compatibility":          "is ignored: images of Docker schema 1 are no longer supported",
		"reporting":              "is ignored: reports to Bugsnag and New Relic are no longer supported",
	}
}

// unknownKeys lists the keys of a YAML mapping that t, a struct of the configuration, does not have.
func unknownKeys(t reflect.Type, node any, path string) (keys []string) {
	switch n := node.(type) {
	case []any:
		for _, item := range n {
			if t.Kind() == reflect.Slice {
				keys = append(keys, unknownKeys(t.Elem(), item, path)...)
			}
		}
	case map[any]any:
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct {
			return nil
		}
		for key, value := range n {
			name, _ := key.(string)
			i := slices.IndexFunc(fields(t), func(f reflect.StructField) bool { return yamlKey(f) == name })
			if i < 0 {
				keys = append(keys, path+name)
				continue
			}
			keys = append(keys, unknownKeys(fields(t)[i].Type, value, path+name+".")...)
		}
	}
	return keys
}

func yamlKey(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	if name == "" {
		return strings.ToLower(f.Name)
	}
	return name
}
