// Package kubeconfig changes kubeconfig files as kubectl does, each stanza in the file that
// it is in, a new one in the first file that is there; but in one step, for the owner alone to read.
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

// Editor changes files that nobody else changes until it is closed.
type Editor struct {
	paths  []string               // the first one counts most
	files  map[string]*api.Config // by path, as read
	before map[string][]byte
	locks  []string
	home   string // the path of what is new
}

// Open locks and reads those of the files that are there, of which the first counts most.
// Where none is, the last one is made, as kubectl does.
func Open(ctx context.Context, paths []string) (*Editor, error) {
	e := &Editor{paths: paths, files: map[string]*api.Config{}, before: map[string][]byte{}}
	if len(paths) == 0 {
		return nil, hint.Errorf("name a file: --kubeconfig FILE", "there is no place for a kubeconfig: neither HOME nor KUBECONFIG is set")
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
			return fmt.Errorf("kubeconfig: %s: %w", path, atomicfile.Cause(err))
		}
		if e.before[path], err = clientcmd.Write(*e.files[path]); err != nil {
			return err
		}
	}
	return nil
}

// lock takes the lock that kubectl takes too.
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
	return hint.Errorf("where none does, remove it: rm "+hint.Quote(path), "%s: another program holds the kubeconfig", path)
}

// Close lets others at the files. What was not saved is lost.
func (e *Editor) Close() {
	for _, path := range e.locks {
		_ = os.Remove(path) // nobody else does
	}
	e.locks = nil
}

// at is the file in which a stanza is, by a test; else where new ones go.
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

// ChangeUser changes the stanza of a user, which is empty where it is new.
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
	e.files[e.home].CurrentContext = name // the first file that is there counts most
}

// Save writes the files that are not as they were, all or, where one cannot be written, none.
func (e *Editor) Save() error {
	var staged []*atomicfile.File
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
