package serve

import (
	"cmp"
	"log/slog"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/registry"
)

// logger writes log lines in the format and level of the settings or the configuration.
func logger(w World, s Settings, cfg *registry.Config) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cmp.Or(cfg.Log.Level, "info"))); err != nil {
		return nil, hint.Errorf("use debug, info, warn or error", "log.level: %w", err)
	}
	level -= slog.Level(4 * w.Level)
	o := &slog.HandlerOptions{Level: level}
	if s.LogFormat == "json" || s.LogFormat == "" && cfg.Log.Formatter != "" && cfg.Log.Formatter != "text" {
		return slog.New(slog.NewJSONHandler(w.Log, o)), nil
	}
	return slog.New(slog.NewTextHandler(w.Log, o)), nil
}
