package cluster

import (
	"context"
	"errors"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	watchtools "k8s.io/client-go/tools/watch"
)

// Watch calls saw with the object and then with each of its changes, with nil where it does not
// exist. It resumes a broken watch, and returns when the context ends, when the object cannot be
// listed, or when the server refuses to watch it.
func (c *Client) Watch(ctx context.Context, r Ref, saw func(*Object)) error {
	for {
		err := c.watchOnce(ctx, r, saw)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !tooOld(err) {
			return err
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
	}
}

// tooOld reports that the server no longer has the version that a watch was to start at.
func tooOld(err error) bool { return apierrors.IsGone(err) || apierrors.IsResourceExpired(err) }

// watchOnce lists the object and watches it from there. The version of the list is current; that
// of an object may be older than all that the server remembers.
func (c *Client) watchOnce(ctx context.Context, r Ref, saw func(*Object)) error {
	res, err := c.Resource(r)
	if err != nil {
		return err
	}
	endless, err := c.resource(c.watcher, r)
	if err != nil {
		return err
	}
	one := fields.OneTermEqualSelector(metav1.ObjectNameField, r.Name).String()
	list, err := Reading(func() (*unstructured.UnstructuredList, error) {
		return res.List(ctx, metav1.ListOptions{FieldSelector: one})
	})
	if err != nil {
		return err
	}
	if len(list.Items) == 0 {
		saw(nil)
	}
	for i := range list.Items {
		saw(&list.Items[i])
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	changes, err := watchtools.NewRetryWatcherWithContext(ctx, list.GetResourceVersion(), &opener{endless, one, stop})
	if err != nil {
		return apierrors.NewMethodNotSupported(schema.GroupResource{Group: r.GVK.Group, Resource: r.GVK.Kind}, "watch") // a server whose lists have no version
	}
	return forward(ctx, changes, saw)
}

// forward passes on the events of a watch until it ends, and returns why it ended.
func forward(ctx context.Context, changes watch.Interface, saw func(*Object)) error {
	for e := range changes.ResultChan() {
		o, isObject := e.Object.(*Object)
		switch {
		case e.Type == watch.Error:
			return apierrors.FromObject(e.Object)
		case e.Type == watch.Deleted:
			saw(nil)
		case isObject:
			saw(o)
		}
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return errors.New("the watch ended")
}

// opener opens the watches of a RetryWatcher. It ends the whole watch where the server refuses: a
// RetryWatcher repeats most refusals forever.
type opener struct {
	dynamic.ResourceInterface
	selector string
	stop     context.CancelCauseFunc
}

// WatchWithContext implements cache.WatcherWithContext.
func (o *opener) WatchWithContext(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
	options.FieldSelector = o.selector
	w, err := o.Watch(ctx, options)
	if status, answered := errors.AsType[*apierrors.StatusError](err); answered {
		code := status.Status().Code
		if code >= 400 && code < 500 && code != http.StatusTooManyRequests {
			o.stop(err)
		}
	}
	return w, err
}
