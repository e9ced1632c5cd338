package image

import (
	"os"
	"sync"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/images"
	"github.com/schollz/progressbar/v3"
)

// meter shows what moves: as a bar on a terminal, else as a line for each blob.
type meter struct {
	env *cmdutil.Env
	mu  sync.Mutex
	bar *progressbar.ProgressBar // nil where there is no terminal
	max int64

	begun time.Time // of the bar
	held  int64     // bytes that it is not told of yet
}

// settle is how long the bar waits: a speed of the first moments is that of the memory, not of the network.
const settle = 500 * time.Millisecond

func newMeter(env *cmdutil.Env) *meter {
	m := &meter{env: env}
	// between the lines of a log, or on a terminal that cannot go back, a bar is a mess
	if _, tty := cmdutil.Terminal(env.Err); tty && !env.Quiet && env.Level < 2 && env.Getenv("TERM") != "dumb" {
		m.bar = progressbar.NewOptions64(0, progressbar.OptionSetWriter(env.Err.(*os.File)), progressbar.OptionShowBytes(true),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth(),
			progressbar.OptionSetRenderBlankState(false))
		m.begun = env.Now()
		m.bar.StartWithoutRender()
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
	m.held += bytes
	if m.bar != nil && m.env.Now().Sub(m.begun) > settle {
		_ = m.bar.Add64(m.held) // a bar that cannot be drawn harms nobody
		m.held = 0
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
	m.env.Say("%s %s %s", s.Action, what, cmdutil.HumanBytes(s.Size))
}

// close removes the bar.
func (m *meter) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bar != nil {
		_ = m.bar.Clear()
	}
}
