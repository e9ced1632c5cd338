package cluster

import (
	"cmp"
	"context"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/klog/v2"
)

// Client talks to one API server about one namespace. The zero Client with a
// Namespace is offline: nothing is there, and changes can only be shown.
type Client struct {
	Namespace string // for what names none

	Context    *Context
	RESTConfig *rest.Config
	dyn        dynamic.Interface
	watcher    dynamic.Interface // without the time-out of a request, which would cut watches
	Discovery  *kinds
	mapper     meta.ResettableRESTMapper
	Server     *server
	issuer     *issuerWatch
}

// Client connects lazily: the first request is the first that is needed. What the
// server can do is remembered below cacheDir for some hours.
func (k *Context) Client(namespace, cacheDir string) (*Client, error) {
	klog.SetLogger(klog.Logger{}) // silent: what client-go logs, it also returns
	conf := rest.CopyConfig(k.RESTConfig)
	conf.QPS, conf.Burst = 50, 100 // the server itself holds back who asks too much
	issuer := &issuerWatch{}
	issuer.watch(conf)
	dyn, err := dynamic.NewForConfig(conf)
	if err != nil {
		return nil, k.CredentialError(err)
	}
	endless := rest.CopyConfig(conf)
	endless.Timeout = 0
	watcher, err := dynamic.NewForConfig(endless)
	if err != nil {
		return nil, k.CredentialError(err)
	}
	disco, err := openKinds(conf, cmp.Or(k.cacheDir, cacheDir))
	if err != nil {
		return nil, k.CredentialError(err)
	}
	server, err := openServer(conf, disco, k.Plain)
	if err != nil {
		return nil, k.CredentialError(err)
	}
	if namespace == "" {
		namespace = k.Namespace
	}
	return &Client{
		Namespace: namespace, Context: k, RESTConfig: conf, dyn: dyn, watcher: watcher, Discovery: disco, Server: server, issuer: issuer,
		mapper: restmapper.NewDeferredDiscoveryRESTMapperWithContext(disco),
	}, nil
}

// Offline tells that there is no server behind the client, or no client at all.
func (c *Client) Offline() bool { return c == nil || c.dyn == nil }

// Resource is where objects of a kind are found.
func (c *Client) Resource(r Ref) (dynamic.ResourceInterface, error) { return c.resource(c.dyn, r) }

func (c *Client) resource(in dynamic.Interface, r Ref) (dynamic.ResourceInterface, error) {
	m, err := c.mapping(r.GVK)
	if err != nil {
		return nil, err
	}
	if m.Scope.Name() == meta.RESTScopeNameNamespace {
		return in.Resource(m.Resource).Namespace(r.Namespace), nil
	}
	return in.Resource(m.Resource), nil
}

// Get reads an object; nil where it is absent.
func (c *Client) Get(ctx context.Context, r Ref) (*Object, error) {
	if c.Offline() {
		return nil, nil
	}
	res, err := c.Resource(r)
	if err != nil {
		return nil, err
	}
	o, err := Reading(func() (*Object, error) { return res.Get(ctx, r.Name, metav1.GetOptions{}) })
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return o, c.Explain(r.String(), err)
}

// List reads the objects of a kind in the client's namespace that have the labels of a selector ("a=b,c").
func (c *Client) List(ctx context.Context, gvk schema.GroupVersionKind, selector string) ([]Object, error) {
	if c.Offline() {
		return nil, nil
	}
	res, err := c.Resource(Ref{GVK: gvk, Namespace: c.Namespace})
	if err != nil {
		return nil, err
	}
	list, err := Reading(func() (*unstructured.UnstructuredList, error) {
		return res.List(ctx, metav1.ListOptions{LabelSelector: selector})
	})
	if err != nil {
		return nil, c.Explain(strings.ToLower(gvk.Kind), err)
	}
	return list.Items, nil
}
