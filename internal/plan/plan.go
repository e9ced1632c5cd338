// Package plan carries out what commands want: a command says what is to be true
// as a list of Changes, and one Runner prints, compares or makes them so.
package plan

import (
	"bytes"
	"context"
	"fmt"
	"strings"
)

// A Change is one thing that is to be true: an object in a cluster, a file on a host.
type Change interface {
	// String names it: deployment.apps/docker-registry, /etc/docker/daemon.json.
	String() string
	// Live is what is there now, nil where it is absent.
	Live(ctx context.Context) ([]byte, error)
	// Want is what is to be there, nil where it is to be absent; server: as the
	// place itself says it would be.
	Want(ctx context.Context, server bool) ([]byte, error)
	// Apply makes it so. It is called only where Live and Want differ.
	Apply(ctx context.Context) error
}

// A Viewer is a Change that decides what of it is shown. All others are shown as they are.
type Viewer interface {
	// View is what is shown of a change that comes to r.
	View(r Result) View
}

// View is what people and scripts see of a Change.
type View struct {
	Name               string // with its kind, as -o name prints it; "" is String
	Live, Want         []byte // what is there and what is to be there, less what must not be shown
	DiffLive, DiffWant []byte // the same in a diff, which people read over shoulders and in logs; both nil: Live and Want
	Document           any    // what -o json and -o yaml show instead of Want
	Hidden             bool   // -o json and -o yaml show nothing
	Note               string // what there is to say after it was applied, such as where a backup is
}

// Action is what happens to the thing that a Change is about.
type Action string

// The actions, as they are printed behind a name.
const (
	Created    Action = "created"
	Configured Action = "configured"
	Unchanged  Action = "unchanged"
	Removed    Action = "removed"
)

// Result is a Change with what it comes to.
type Result struct {
	Change     Change
	Action     Action
	Live, Want []byte
}

// view is what is shown of a result.
func (r Result) view() View {
	v := View{Live: r.Live, Want: r.Want}
	if viewer, ok := r.Change.(Viewer); ok {
		v = viewer.View(r)
	}
	if v.Name == "" {
		v.Name = r.Change.String()
	}
	if v.DiffLive == nil && v.DiffWant == nil {
		v.DiffLive, v.DiffWant = v.Live, v.Want
	}
	return v
}

// DryRun says how far a Runner goes.
type DryRun string

// None carries the changes out. The others only show what would happen: Client without
// a server, Server as the server itself says, Print by comparison with what the server has.
const (
	None   DryRun = "none"
	Client DryRun = "client"
	Server DryRun = "server"
	Print  DryRun = "print"
)

// Compare finds what each change comes to and touches nothing.
func Compare(ctx context.Context, changes []Change, server bool) ([]Result, error) {
	results := make([]Result, 0, len(changes))
	for _, c := range changes {
		live, err := c.Live(ctx)
		if err != nil {
			return nil, prefixName(c, err)
		}
		want, err := c.Want(ctx, server)
		if err != nil {
			return nil, prefixName(c, err)
		}
		results = append(results, Result{Change: c, Action: actionOf(live, want), Live: live, Want: want})
	}
	return results, nil
}

// prefixName puts a change's name before an error, unless it exists already.
func prefixName(c Change, err error) error {
	if strings.HasPrefix(err.Error(), c.String()+": ") {
		return err
	}
	return fmt.Errorf("%s: %w", c, err)
}

func actionOf(live, want []byte) Action {
	switch {
	case want == nil && live != nil:
		return Removed
	case want == nil || live != nil && bytes.Equal(live, want):
		return Unchanged
	case live == nil:
		return Created
	}
	return Configured
}
