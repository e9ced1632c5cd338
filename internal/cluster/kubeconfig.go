package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/google/renameio/v2"
	"github.com/regctl/regctl/pkg/hint"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// editor changes kubeconfig files as kubectl does, each stanza in the file that it is
// in, a new one in the first file that is there; but in one step, for the owner alone to read.
type editor struct {
	paths  []string               // the first one counts most
	files  map[string]*api.Config // by path, as read
	before map[string][]byte
	locks  []string
	home   string // the path of what is new
}

func (c Config) editor(getenv func(string) string) (*editor, error) {
	e := &editor{paths: c.rules(getenv).GetLoadingPrecedence(), files: map[string]*api.Config{}, before: map[string][]byte{}}
	if len(e.paths) == 0 {
		return nil, hint.Errorf("name a file: --kubeconfig FILE", "there is no place for a kubeconfig: neither HOME nor KUBECONFIG is set")
	}
	e.home = e.paths[len(e.paths)-1]
	for _, path := range e.paths {
		if _, err := os.Stat(path); err == nil {
			e.home = path
			break
		}
	}
	return e, nil
}

// open locks and reads the files. The editor is to be closed also where this fails.
func (e *editor) open(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Dir(e.home), 0o700); err != nil {
		return err
	}
	for _, path := range slices.Sorted(slices.Values(e.paths)) { // always in one order, so that two programs cannot wait for each other
		_, err := os.Stat(path)
		if err != nil && path != e.home {
			continue
		}
		if err := e.lock(ctx, path+".lock"); err != nil {
			return err
		}
		if e.files[path], err = clientcmd.LoadFromFile(path); errors.Is(err, fs.ErrNotExist) {
			e.files[path], err = api.NewConfig(), nil
		}
		if err != nil {
			return fmt.Errorf("kubeconfig: %s: %w", path, cause(err))
		}
		if e.before[path], err = clientcmd.Write(*e.files[path]); err != nil {
			return err
		}
	}
	return nil
}

// lock takes the lock that kubectl takes too.
func (e *editor) lock(ctx context.Context, path string) error {
	for range 30 {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			e.locks = append(e.locks, path)
			return f.Close()
		}
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return hint.Errorf("where none does, remove it: rm "+hint.Quote(path), "%s: another program holds the kubeconfig", path)
}

func (e *editor) close() {
	for _, path := range e.locks {
		_ = os.Remove(path) // nobody else does
	}
	e.locks = nil
}

// at is the file in which a stanza is, by a test; else where new ones go.
func (e *editor) at(has func(*api.Config) bool) *api.Config {
	for _, path := range e.paths {
		if own := e.files[path]; own != nil && has(own) {
			return own
		}
	}
	return e.files[e.home]
}

func (e *editor) cluster(name string, stanza *api.Cluster) {
	own := e.at(func(c *api.Config) bool { return c.Clusters[name] != nil })
	own.Clusters[name] = stanza
}

func (e *editor) user(name string, change func(*api.AuthInfo)) {
	own := e.at(func(c *api.Config) bool { return c.AuthInfos[name] != nil })
	if own.AuthInfos[name] == nil {
		own.AuthInfos[name] = api.NewAuthInfo()
	}
	change(own.AuthInfos[name])
}

// context sets a context and makes it the current one.
func (e *editor) context(name string, stanza api.Context) {
	own := e.at(func(c *api.Config) bool { return c.Contexts[name] != nil })
	if old := own.Contexts[name]; old != nil {
		stanza.Extensions = old.Extensions
	}
	own.Contexts[name] = &stanza
	e.files[e.home].CurrentContext = name // the first file that is there counts most
}

// save writes the files that are not as they were, all or, where one cannot be written, none.
func (e *editor) save() error {
	var staged []*renameio.PendingFile
	defer func() {
		for _, p := range staged {
			_ = p.Cleanup() // after it is in its place this does nothing
		}
	}()
	for _, path := range e.paths {
		if e.files[path] == nil {
			continue
		}
		after, err := clientcmd.Write(*e.files[path])
		if err != nil {
			return err
		}
		if bytes.Equal(after, e.before[path]) {
			continue
		}
		p, err := stage(path, after)
		if err != nil {
			return fmt.Errorf("kubeconfig: %s: %w", path, cause(err))
		}
		staged = append(staged, p)
	}
	for _, p := range staged {
		if err := p.CloseAtomicallyReplace(); err != nil {
			return err
		}
	}
	return nil
}

// stage writes a file beside the one that it is to replace, which may be behind a link.
func stage(path string, text []byte) (*renameio.PendingFile, error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	p, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(0o600))
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil && os.Getuid() == 0 {
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			_ = p.Chown(int(st.Uid), int(st.Gid)) // root must not lock the owner out
		}
	}
	if _, err := p.Write(text); err != nil {
		_ = p.Cleanup() // what went wrong first is what counts
		return nil, err
	}
	return p, nil
}
