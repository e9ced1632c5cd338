package registry

import (
	"context"
	"io"
	"log/slog"
	"strings"

	"github.com/sirupsen/logrus"
)

// BridgeLogs sends what distribution logs to log. Its logger belongs to the whole
// process (logrus's standard logger), so a program calls this once, before NewApp.
// What it says in passing goes to the debug level; its own access log is dropped
// for ours.
func BridgeLogs(log *slog.Logger) {
	std := logrus.StandardLogger()
	std.SetOutput(io.Discard)
	std.SetLevel(logrus.DebugLevel)
	std.ReplaceHooks(logrus.LevelHooks{})
	std.AddHook(bridge{log})
}

type bridge struct{ log *slog.Logger }

func (bridge) Levels() []logrus.Level { return logrus.AllLevels }

func (b bridge) Fire(e *logrus.Entry) error {
	if status, answered := e.Data["http.response.status"].(int); answered && status < 500 && strings.HasPrefix(e.Message, "response completed") {
		return nil
	}
	level := slog.LevelDebug
	switch {
	case e.Level <= logrus.ErrorLevel:
		level = slog.LevelError
	case e.Level == logrus.WarnLevel:
		level = slog.LevelWarn
	}
	ctx := e.Context
	if ctx == nil {
		ctx = context.TODO() // logrus entries seldom carry one
	}
	if !b.log.Enabled(ctx, level) {
		return nil
	}
	var fields []any
	for _, key := range []string{"vars.name", "vars.reference", "vars.digest", "err.code", "err.detail", "http.request.remoteaddr"} {
		if v, ok := e.Data[key]; ok {
			fields = append(fields, key, v)
		}
	}
	if err, ok := e.Data[logrus.ErrorKey]; ok {
		fields = append(fields, "err", err)
	}
	b.log.Log(ctx, level, e.Message, fields...)
	return nil
}
