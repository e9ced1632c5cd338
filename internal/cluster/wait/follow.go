package wait

import (
	"context"
	"time"

	"github.com/regctl/regctl/internal/cluster"
	"k8s.io/apimachinery/pkg/util/resourceversion"
)

// The wait follows changes by watch. It also reads each object, and the reason of its delay, at
// growing intervals: a proxy may hold back the events of a watch.
const (
	pollInterval  = time.Second
	firstInterval = 2 * time.Second
	lastInterval  = 30 * time.Second
)

// sighting is a state of an object, or the error of reading it. No object and no error: it was deleted.
type sighting struct {
	of     *waiter
	object *cluster.Object
	err    error
}

// follow sends the states of the object until the context ends: by watch, or by polling where
// the user or the server cannot watch.
func (w *waiter) follow(ctx context.Context, to chan<- sighting) {
	send := func(o *cluster.Object, err error) {
		select {
		case to <- sighting{w, o, err}:
		case <-ctx.Done():
		}
	}
	watched := true
	for ctx.Err() == nil {
		if watched {
			err := w.client.Watch(ctx, w.ref, func(o *cluster.Object) { send(o, nil) })
			if watched = transient(err); watched {
				send(nil, err)
			}
		} else {
			send(w.client.Get(ctx, w.ref))
		}
		select {
		case <-time.After(pollInterval):
		case <-ctx.Done():
		}
	}
}

// stale reports that a state is older than the one that was seen last: a read can overtake an event.
func (w *waiter) stale(o *cluster.Object) bool {
	if w.last == nil || o == nil {
		return false
	}
	order, err := resourceversion.CompareResourceVersion(o.GetResourceVersion(), w.last.GetResourceVersion())
	return err == nil && order < 0
}
