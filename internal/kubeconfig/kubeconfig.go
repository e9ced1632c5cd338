// Package kubeconfig edits kubeconfig files as kubectl does: each stanza in the file that
// holds it, a new one in the first existing file. Files are replaced in one step and are private to their owner.
package kubeconfig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/regctl/regctl/pkg/atomicfile"
	"github.com/regctl/regctl/pkg/hint"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// Editor edits files. It holds their locks until it is closed.
type Editor struct {
	paths  []string               // the first one counts most
	files  map[string]*api.Config // by path, as read
	before map[string][]byte
	locks  []string
	home   string // the file of new stanzas
}

// Open locks and reads the existing files, of which the first takes precedence.
// If there are none, the last one is created, as kubectl does.
func Open(ctx context.Context, paths []string) (*Editor, error) {
	e := &Editor{paths: paths, files: map[string]*api.Config{}, before: map[string][]byte{}}
	if len(paths) == 0 {
		return nil, hint.Errorf("name a file: --kubeconfig FILE", "no place to store a kubeconfig: neither HOME nor KUBECONFIG is set")
	}
	e.home = paths[len(paths)-1]
	for _, path := range paths {
		if _, err := os.Stat(path); err == nil {
			e.home = path
			break
		}
	}
	if err := e.open(ctx); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

func (e *Editor) open(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Dir(e.home), 0o700); err != nil {
		return err
	}
	for _, path := range slices.Sorted(slices.Values(e.paths)) { // always in one order, to prevent a deadlock
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
			return fmt.Errorf("kubeconfig: %s: %w", path, atomicfile.Cause(err))
		}
		if e.before[path], err = clientcmd.Write(*e.files[path]); err != nil {
			return err
		}
	}
	return nil
}

// lock takes the lock that kubectl takes.
func (e *Editor) lock(ctx context.Context, path string) error {
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
	return hint.Errorf("if no program is running that edits it, remove the lock: rm "+hint.Quote(path), "%s: the kubeconfig is locked by another program", path)
}

// Close releases the locks. Changes that were not saved are lost.
func (e *Editor) Close() {
	for _, path := range e.locks {
		_ = os.Remove(path) // only the holder removes it
	}
	e.locks = nil
}

// at returns the file that has a stanza, else the file of new ones.
func (e *Editor) at(has func(*api.Config) bool) *api.Config {
	for _, path := range e.paths {
		if own := e.files[path]; own != nil && has(own) {
			return own
		}
	}
	return e.files[e.home]
}

// SetCluster replaces the stanza of a server.
func (e *Editor) SetCluster(name string, stanza *api.Cluster) {
	own := e.at(func(c *api.Config) bool { return c.Clusters[name] != nil })
	own.Clusters[name] = stanza
}

// ChangeUser edits the stanza of a user, which is empty if it is new.
func (e *Editor) ChangeUser(name string, change func(*api.AuthInfo)) {
	own := e.at(func(c *api.Config) bool { return c.AuthInfos[name] != nil })
	if own.AuthInfos[name] == nil {
		own.AuthInfos[name] = api.NewAuthInfo()
	}
	change(own.AuthInfos[name])
}

// Users visits every user of every file.
func (e *Editor) Users(visit func(name string, user *api.AuthInfo)) {
	for _, own := range e.files {
		for name, user := range own.AuthInfos {
			visit(name, user)
		}
	}
}

// SetContext replaces a context and makes it the current one.
func (e *Editor) SetContext(name string, stanza api.Context) {
	own := e.at(func(c *api.Config) bool { return c.Contexts[name] != nil })
	if old := own.Contexts[name]; old != nil {
		stanza.Extensions = old.Extensions
	}
	own.Contexts[name] = &stanza
	e.files[e.home].CurrentContext = name // the first existing file takes precedence
}

// Save writes the changed files: all of them, or none if one cannot be written.
func (e *Editor) Save() error {
	var staged []*atomicfile.File
	defer func() {
		for _, p := range staged {
			_ = p.Cleanup() // does nothing once the file is in place
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
		p, err := atomicfile.Stage(atomicfile.Behind(path), 0o600)
		if err == nil {
			staged = append(staged, p)
			_, err = p.Write(after)
		}
		if err != nil {
			return fmt.Errorf("kubeconfig: %s: %w", path, atomicfile.Cause(err))
		}
	}
	for _, p := range staged {
		if err := p.CloseAtomicallyReplace(); err != nil {
			return err
		}
	}
	return nil
}
