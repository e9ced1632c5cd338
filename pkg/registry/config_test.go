package registry_test

import (
	"fmt"
	"testing"

	"github.com/regctl/regctl/pkg/registry"
	"github.com/stretchr/testify/require"
)

const plain = "version: 0.1\nstorage: {inmemory: {}}\n"

// TestVariablesOfListElements: distribution's parser appends an empty element for each of them.
func TestVariablesOfListElements(t *testing.T) {
	for name, value := range map[string]string{
		"REGISTRY_HTTP_TLS_CLIENTCAS_0":                           "/a.crt",
		"REGISTRY_HTTP_TLS_CLIENTCAS_1":                           "/b.crt",
		"REGISTRY_VALIDATION_MANIFESTS_URLS_ALLOW_0":              "^https://a[.]example/",
		"REGISTRY_VALIDATION_MANIFESTS_URLS_DENY_0":               "[a-z]+",
		"REGISTRY_REDIS_ADDRS_0":                                  "redis:6379",
		"REGISTRY_HTTP_HEADERS_X-FRAME_0":                         "deny",
		"REGISTRY_AUTH":                                           "token",
		"REGISTRY_AUTH_TOKEN_SIGNINGALGORITHMS_0":                 "RS256",
		"REGISTRY_AUTH_TOKEN_SIGNINGALGORITHMS_1":                 "ES256",
		"REGISTRY_NOTIFICATIONS_ENDPOINTS_0_NAME":                 "first",
		"REGISTRY_NOTIFICATIONS_ENDPOINTS_0_IGNORE_ACTIONS_0":     "pull",
		"REGISTRY_HEALTH_FILECHECKERS_0":                          "{file: /x, threshold: 3}",
		"REGISTRY_VALIDATION_MANIFESTS_INDEXES_PLATFORMLIST_0_OS": "linux",
	} {
		t.Setenv(name, value)
	}
	t.Setenv("REGISTRY_HTTP_TLS_CLIENTCAS_2", "") // as an unset variable of a compose file
	cfg, err := registry.ParseConfig([]byte(plain+"http: {tls: {clientcas: [/former.crt]}}\n"), registry.Storage{})
	require.NoError(t, err)
	require.Equal(t, []string{"/a.crt", "/b.crt"}, cfg.HTTP.TLS.ClientCAs, "an element of the file is replaced, the next is appended")
	require.Equal(t, []string{"^https://a[.]example/"}, cfg.Validation.Manifests.URLs.Allow)
	require.Equal(t, []string{"[a-z]+"}, cfg.Validation.Manifests.URLs.Deny, "text, even where it could be YAML")
	require.Equal(t, []string{"redis:6379"}, cfg.Redis.Options.Addrs)
	require.Equal(t, []string{"deny"}, cfg.HTTP.Headers["x-frame"]) //nolint:staticcheck // the names are kept as they were written
	require.Equal(t, []any{"RS256", "ES256"}, cfg.Auth["token"]["signingalgorithms"])
	require.Equal(t, "first", cfg.Notifications.Endpoints[0].Name)
	require.Equal(t, []string{"pull"}, cfg.Notifications.Endpoints[0].Ignore.Actions)
	require.Equal(t, "/x", cfg.Health.FileCheckers[0].File)
	require.Equal(t, 3, cfg.Health.FileCheckers[0].Threshold)
	require.Equal(t, "linux", cfg.Validation.Manifests.Indexes.PlatformList[0].OS)
	require.Empty(t, registry.Warnings(cfg, nil))
}

func TestMoreThanTenListElements(t *testing.T) {
	var want []string
	for i := range 12 {
		want = append(want, fmt.Sprintf("cipher-%d", i))
		t.Setenv(fmt.Sprintf("REGISTRY_HTTP_TLS_CIPHERSUITES_%d", i), want[i])
	}
	cfg, err := registry.ParseConfig([]byte(plain), registry.Storage{})
	require.NoError(t, err)
	require.Equal(t, want, cfg.HTTP.TLS.CipherSuites)
}

func TestMistakesInListElementsNameTheVariable(t *testing.T) {
	for name, value := range map[string]string{
		"REGISTRY_HTTP_TLS_CLIENTCAS_3":      "/a.crt",
		"REGISTRY_HTTP_TLS_CLIENTCAS_X":      "/a.crt",
		"REGISTRY_HTTP_TLS_CLIENTCAS":        "/a.crt",
		"REGISTRY_NOTIFICATIONS_ENDPOINTS_0": "not an endpoint",
		"REGISTRY_HTTP_DRAINTIMEOUT":         "soon",
	} {
		t.Run(name+"="+value, func(t *testing.T) {
			t.Setenv(name, value)
			_, err := registry.ParseConfig([]byte(plain), registry.Storage{})
			require.ErrorContains(t, err, name)
		})
	}
}

// TestVariablesOfOtherPrograms: REGISTRY_AUTH_FILE is podman's, the others are set by
// Kubernetes in pods beside Services called registry and registry-storage.
func TestVariablesOfOtherPrograms(t *testing.T) {
	for name, value := range map[string]string{
		"REGISTRY_AUTH_FILE": "/run/auth.json", "REGISTRY_PORT": "tcp://10.0.0.1:5000", "REGISTRY_SERVICE_HOST": "10.0.0.1",
		"REGISTRY_SERVICE_PORT_HTTPS": "5000", "REGISTRY_PORT_5000_TCP_ADDR": "10.0.0.1", "REGISTRY_STORAGE_PORT": "tcp://10.0.0.2:80",
	} {
		t.Setenv(name, value)
	}
	cfg, err := registry.ParseConfig(nil, registry.Files("/x"))
	require.NoError(t, err)
	require.Empty(t, cfg.Auth)
	require.Equal(t, "filesystem", cfg.Storage.Type())
	require.Empty(t, registry.Warnings(cfg, nil))
}

func TestWarnings(t *testing.T) {
	t.Setenv("REGISTRY_HTTP_COLOR", "red")
	t.Setenv("REGISTRY_HTTP_ADDR_PORT", "5000") // a Service registry-http-addr
	t.Setenv("REGISTRY_COMPATIBILITY_SCHEMA1_ENABLED", "true")
	yml := []byte(plain + `
http: {net: tcp6, h2c: {enabled: true}, debug: {prometheus: {enabled: true, path: /m}}}
log: {fields: {a: b}, reportcaller: true, formater: json}
redis: {addr: "localhost:6379", db: 1, pool: {maxidle: 16}}
notifications: {endpoints: [{name: a, url: "http://x", headers: {A: [b]}, color: red}]}
health: {file: [{file: /x}], storagedriver: {enabled: true}}
proxy: {remoteurl: "http://x", exec: {command: x, shell: sh}}
compatibility: {schema1: {enabled: true}}
reporting: {bugsnag: {apikey: x}}
`)
	cfg, err := registry.ParseConfig(yml, registry.Storage{})
	require.NoError(t, err)
	require.Equal(t, []string{
		"REGISTRY_COMPATIBILITY_SCHEMA1_ENABLED is ignored: images of Docker schema 1 are no longer supported",
		"REGISTRY_HTTP_COLOR is ignored: unknown setting",
		"compatibility is ignored: images of Docker schema 1 are no longer supported",
		"http.debug.prometheus.path (it is /metrics) is ignored",
		"http.h2c is ignored",
		"log.fields is ignored",
		"log.formater is ignored: unknown setting",
		"log.reportcaller is ignored",
		"notifications.endpoints.color is ignored: unknown setting",
		"proxy.exec.shell is ignored: unknown setting",
		"redis.addr is deprecated: use redis.addrs",
		"redis.pool is ignored: use redis.maxidleconns, redis.poolsize and redis.connmaxidletime",
		"reporting is ignored: reports to Bugsnag and New Relic are no longer supported",
	}, registry.Warnings(cfg, yml))
	require.True(t, cfg.HTTP.RelativeURLs, "no header of a client decides where an upload continues")
	require.Equal(t, []string{"localhost:6379"}, cfg.Redis.Options.Addrs)
}

func TestRedisAddressOfFormerVariable(t *testing.T) {
	t.Setenv("REGISTRY_REDIS_ADDR", "redis:6379")
	cfg, err := registry.ParseConfig([]byte(plain), registry.Storage{})
	require.NoError(t, err)
	require.Equal(t, []string{"redis:6379"}, cfg.Redis.Options.Addrs)
	require.Equal(t, []string{"REGISTRY_REDIS_ADDR is deprecated: use redis.addrs"}, registry.Warnings(cfg, nil))
}

func TestS3ByPathOnServersOtherThanAmazons(t *testing.T) {
	t.Parallel()
	for yml, want := range map[string]any{
		"s3: {region: r, bucket: b}":                                                               nil,
		"s3: {region: r, bucket: b, regionendpoint: \"http://minio:9000\"}":                        true,
		"s3aws: {region: r, bucket: b, regionendpoint: \"http://minio:9000\"}":                     true,
		"s3: {region: r, bucket: b, regionendpoint: \"http://minio:9000\", forcepathstyle: false}": false,
	} {
		cfg, err := registry.ParseConfig([]byte("version: 0.1\nstorage: {"+yml+"}\n"), registry.Storage{})
		require.NoError(t, err)
		require.Equal(t, want, cfg.Storage.Parameters()["forcepathstyle"], yml)
	}
}
