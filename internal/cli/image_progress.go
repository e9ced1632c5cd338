package cli

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/regctl/regctl/pkg/images"
	"github.com/schollz/progressbar/v3"
)

// meter shows what moves: as a bar on a terminal, else as a line for each blob.
type meter struct {
	env *Env
	mu  sync.Mutex
	bar *progressbar.ProgressBar // nil where there is no terminal
	max int64
}

func newMeter(env *Env) *meter {
	m := &meter{env: env}
	if _, tty := terminal(env.Err); tty && !env.quiet {
		m.bar = progressbar.NewOptions64(0, progressbar.OptionSetWriter(env.Err.(*os.File)), progressbar.OptionShowBytes(true),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth(),
			progressbar.OptionSetRenderBlankState(false))
	}
	return m
}

// Expect implements images.Progress.
func (m *meter) Expect(bytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.max += bytes; m.bar != nil {
		m.bar.ChangeMax64(m.max)
	}
}

// Moved implements images.Progress.
func (m *meter) Moved(bytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bar != nil {
		_ = m.bar.Add64(bytes) // a bar that cannot be drawn harms nobody
	}
}

// Done implements images.Progress.
func (m *meter) Done(s images.Step) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bar != nil {
		return
	}
	what := s.Digest.String()
	if s.Tag != "" {
		what += " as " + s.Tag
	}
	m.env.Say("%s %s %s", s.Action, what, humanBytes(s.Size))
}

// close removes the bar.
func (m *meter) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bar != nil {
		_ = m.bar.Clear()
	}
}

// humanBytes is a size for people: 12.3 MB.
func humanBytes(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	value, unit := float64(n)/1000, 0
	for value >= 999.95 && unit < 3 {
		value, unit = value/1000, unit+1
	}
	return fmt.Sprintf("%.1f %cB", value, "kMGT"[unit])
}
