package images

import (
	"io"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// What a Step says was done.
const (
	Pushed  = "pushed"  // sent to a registry
	Pulled  = "pulled"  // fetched from a registry
	Mounted = "mounted" // taken by the registry from another of its repositories
	Exists  = "exists"  // was there before
)

// Step is one blob or manifest that is where it should be.
type Step struct {
	Action   string  // Pushed, Pulled, Mounted or Exists
	Manifest bool    // a manifest, else a blob
	Digest   v1.Hash //
	Size     int64   // bytes
	Tag      string  // of a manifest; empty where it has none
}

// Progress is told what moves. Its methods are called from several goroutines.
type Progress interface {
	Expect(bytes int64) // so many bytes more are to be dealt with
	Moved(bytes int64)  // so many of them are done; negative where an attempt begins again
	Done(Step)
}

type silent struct{}

func (silent) Expect(int64) {}
func (silent) Moved(int64)  {}
func (silent) Done(Step)    {}

// tally counts for the Result what it passes on to a Progress.
type tally struct {
	Progress
	mu    sync.Mutex
	moved int64 // bytes over the wire
	kept  int64 // bytes that did not have to travel
}

func newTally(p Progress) *tally {
	if p == nil {
		p = silent{}
	}
	return &tally{Progress: p}
}

// sent notes a step whose bytes traveled.
func (t *tally) sent(s Step) {
	t.mu.Lock()
	t.moved += s.Size
	t.mu.Unlock()
	t.Done(s)
}

// skipped notes a step whose bytes did not travel.
func (t *tally) skipped(s Step) {
	t.mu.Lock()
	t.kept += s.Size
	t.mu.Unlock()
	t.Moved(s.Size)
	t.Done(s)
}

// resumed takes bytes that an earlier run fetched out of the count.
func (t *tally) resumed(bytes int64) {
	t.mu.Lock()
	t.moved -= bytes
	t.kept += bytes
	t.mu.Unlock()
}

// metered reports what is read to a Progress.
type metered struct {
	io.ReadCloser
	to   Progress
	read int64
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	m.read += int64(n)
	m.to.Moved(int64(n))
	return n, err
}
