package registry

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/distribution/distribution/v3/health"
	_ "github.com/distribution/distribution/v3/registry/auth/token" // for configurations with a token server
	"github.com/distribution/distribution/v3/registry/handlers"
	"github.com/distribution/distribution/v3/registry/storage/driver"
	storagemiddleware "github.com/distribution/distribution/v3/registry/storage/driver/middleware"
	"github.com/regctl/regctl/pkg/hint"
)

// App is distribution's registry as an http.Handler, without the authentication,
// logs and metrics that Handler puts around it.
type App struct {
	*handlers.App
	health *health.Registry
}

// NewApp starts a registry. It fails where distribution would panic: on bad settings and unreachable storage.
func NewApp(ctx context.Context, cfg *Config) (app *App, err error) {
	defer func() {
		if p := recover(); p != nil {
			app, err = nil, hint.Errorf(whereToLook(cfg), "registry: %v", p)
		}
	}()
	if cfg.Storage.Type() == "filesystem" {
		if err := useDurable(cfg); err != nil {
			return nil, err
		}
	}
	app = &App{App: handlers.NewApp(ctx, cfg), health: health.NewRegistry()}
	app.RegisterHealthChecks(app.health)
	return app, nil
}

// whereToLook is the part of the settings to check when distribution refuses them.
func whereToLook(cfg *Config) string {
	switch {
	case cfg.Auth.Type() != "":
		return "check the auth section of the configuration, or use --auth htpasswd"
	case cfg.Proxy.RemoteURL != "":
		return "check --proxy: the cached registry must be reachable when the cache starts"
	}
	return "check --storage and the REGISTRY_STORAGE_* variables"
}

const durableName = "regctl-durable"

// registerOnce: distribution finds storage middleware by a name in a table of the process.
var registerOnce = sync.OnceValue(func() error {
	return storagemiddleware.Register(durableName, func(_ context.Context, d driver.StorageDriver, o map[string]any) (driver.StorageDriver, error) {
		return newDurable(d, fmt.Sprint(o["rootdirectory"])), nil
	})
})

func useDurable(cfg *Config) error {
	if err := registerOnce(); err != nil {
		return err
	}
	if cfg.Middleware == nil {
		cfg.Middleware = map[string][]configuration.Middleware{}
	}
	root := cfg.Storage.Parameters()["rootdirectory"]
	cfg.Middleware["storage"] = append([]configuration.Middleware{{
		Name: durableName, Options: configuration.Parameters{"rootdirectory": root},
	}}, cfg.Middleware["storage"]...)
	return nil
}

// Healthy returns what is wrong with the registry's storage, or nil.
func (a *App) Healthy(ctx context.Context) error {
	for name, problem := range a.health.CheckStatus(ctx) {
		return fmt.Errorf("%s: %s", name, problem)
	}
	return nil
}

// Handler puts everything around the app that a registry needs on a network:
//
//	/healthz  200 while the storage answers and no shutdown is in progress, for probes, anonymous
//	/metrics  Prometheus, for users of the registry
//	/v2/      the registry, for users (nil: anonymous)
func Handler(app *App, users *Users, m *Metrics, active *Activity, log Access) http.Handler {
	inside := http.NewServeMux()
	inside.Handle("/", app)
	if users != nil || app.Config.Auth.Type() == "" { // where distribution checks the users, it does not check them here
		inside.Handle("GET /metrics", m.Page())
	}
	open := http.NewServeMux()
	open.Handle("/", users.guard(active.track(inside))) // unauthenticated requests must not delay a shutdown
	open.Handle("GET /{$}", ok())
	open.Handle("GET /healthz", healthz(app, active))
	return log.wrap(m.count(open))
}

func ok() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Cache-Control", "no-cache") })
}

func healthz(app *App, active *Activity) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		if active.Draining() {
			http.Error(w, "shutting down", http.StatusServiceUnavailable)
		} else if err := app.Healthy(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
}
