package openshift

import (
	"context"
	"sync"
	"time"

	"github.com/regctl/regctl/e2e/cluster"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"
)

// breath is the time between two attempts after an error.
const breath = 500 * time.Millisecond

// player plays the controllers of an OpenShift: as far as a client sees them, and
// no farther. It reads all objects each time that one changes, so that it can be simple.
type player struct {
	client dynamic.Interface
	now    func() time.Time
	say    func(string)
}

// controller is one of the player's parts: sync makes true what the objects of the
// kinds ask for.
type controller struct {
	name  string
	kinds []schema.GroupVersionResource
	sync  func(ctx context.Context) error
}

// Play starts the controllers that go with the set, after Install. They end with ctx, or by
// stop, which waits for that. say is told of errors, after which all is tried again.
func Play(ctx context.Context, c *cluster.Cluster, set Set, say func(string)) (stop func(), err error) {
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig())
	if err != nil {
		return nil, err
	}
	config.QPS = -1 // no limit
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	p := &player{client: client, now: time.Now, say: say}
	controllers := []controller{p.router(), p.deployer(), p.kubelet(), p.projects()}
	if set.operator {
		controllers = append(controllers, p.operator(), p.pruner())
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	for _, one := range controllers {
		running.Go(func() { p.run(ctx, one) })
	}
	return func() { cancel(); running.Wait() }, nil
}

// run syncs whenever an object of the controller's kinds has changed, and again after an error.
func (p *player) run(ctx context.Context, c controller) {
	changed := make(chan struct{}, 1)
	var watchers sync.WaitGroup
	defer watchers.Wait()
	for _, kind := range c.kinds {
		watchers.Go(func() { p.watch(ctx, kind, changed) })
	}
	said := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
		err := c.sync(ctx)
		if err == nil || ctx.Err() != nil {
			continue
		}
		if text := err.Error(); text != said && !apierrors.IsConflict(err) {
			p.say(c.name + ": " + text)
			said = text
		}
		time.AfterFunc(breath, func() { notify(changed) })
	}
}

// watch tells of each change. The server tells of all objects that are there first.
func (p *player) watch(ctx context.Context, kind schema.GroupVersionResource, changed chan<- struct{}) {
	for ctx.Err() == nil {
		w, err := p.client.Resource(kind).Watch(ctx, metav1.ListOptions{})
		if err != nil {
			pause(ctx)
			continue
		}
		for range w.ResultChan() {
			notify(changed)
		}
	}
}

func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(breath):
	}
}

// notify leaves one message for all changes that nobody has looked at yet.
func notify(changed chan<- struct{}) {
	select {
	case changed <- struct{}{}:
	default:
	}
}
