package cluster

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/regctl/regctl/pkg/hint"
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
	Discovery  *kinds
	mapper     meta.ResettableRESTMapper
	Server     *server
}

// Client connects lazily: the first request is the first that is needed. What the
// server can do is remembered below cacheDir for some hours.
func (k *Context) Client(namespace, cacheDir string) (*Client, error) {
	klog.SetLogger(klog.Logger{}) // silent: what client-go logs, it also returns
	conf := rest.CopyConfig(k.RESTConfig)
	conf.QPS, conf.Burst = 50, 100 // the server itself holds back who asks too much
	dyn, err := dynamic.NewForConfig(conf)
	if err != nil {
		return nil, k.CredentialError(err)
	}
	host := strings.NewReplacer("https://", "", "http://", "", ":", "_", "/", "_").Replace(conf.Host)
	disco, err := openKinds(conf, cmp.Or(k.cacheDir, cacheDir), host)
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
		Namespace: namespace, Context: k, RESTConfig: conf, dyn: dyn, Discovery: disco, Server: server,
		mapper: restmapper.NewDeferredDiscoveryRESTMapperWithContext(disco),
	}, nil
}

// Offline tells that there is no server behind the client, or no client at all.
func (c *Client) Offline() bool { return c == nil || c.dyn == nil }

// Resource is where objects of a kind are found.
func (c *Client) Resource(r Ref) (dynamic.ResourceInterface, error) {
	m, err := c.mapping(r.GVK)
	if err != nil {
		return nil, err
	}
	if m.Scope.Name() == meta.RESTScopeNameNamespace {
		return c.dyn.Resource(m.Resource).Namespace(r.Namespace), nil
	}
	return c.dyn.Resource(m.Resource), nil
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

// Resolve reads TYPE/NAME as kubectl does: deploy/x, deployments.apps/x, dc/x, svc/x.
func (c *Client) Resolve(arg string) (Ref, error) {
	kind, name, ok := strings.Cut(arg, "/")
	if !ok || kind == "" || name == "" || strings.Contains(name, "/") {
		words := append([]string{"deployment"}, strings.FieldsFunc(arg, func(r rune) bool { return r == '/' })...)
		return Ref{}, hint.BadUsage(fmt.Errorf("%q is not TYPE/NAME", arg), "write it as "+strings.Join(words[max(len(words)-2, 0):], "/"))
	}
	if c.Offline() {
		gvk, known := wellKnown(kind)
		if !known {
			return Ref{}, hint.BadUsage(fmt.Errorf("%q: without a server the type %q is unknown", arg, kind), "leave out --dry-run=client, or name deployment, daemonset, statefulset, job, pod or deploymentconfig")
		}
		return Ref{gvk, c.Namespace, name}, nil
	}
	gvk, err := c.kindOf(kind)
	if meta.IsNoMatchError(err) {
		if err := c.checkAge(); err != nil {
			return Ref{}, err
		}
		return Ref{}, hint.BadUsage(fmt.Errorf("%q: the server has no resource type %q", arg, kind), "kubectl api-resources")
	}
	if err != nil {
		return Ref{}, c.Explain("discovery", err)
	}
	m, err := c.mapping(gvk)
	if err != nil {
		return Ref{}, err
	}
	r := Ref{GVK: gvk, Name: name}
	if m.Scope.Name() == meta.RESTScopeNameNamespace {
		r.Namespace = c.Namespace
	}
	return r, nil
}

// wellKnown are the workloads that can be named with no server to ask.
func wellKnown(kind string) (schema.GroupVersionKind, bool) {
	apps := schema.GroupVersion{Group: "apps", Version: "v1"}
	name, _, _ := strings.Cut(strings.ToLower(kind), ".")
	switch name {
	case "deployment", "deployments", "deploy":
		return apps.WithKind("Deployment"), true
	case "daemonset", "daemonsets", "ds":
		return apps.WithKind("DaemonSet"), true
	case "statefulset", "statefulsets", "sts":
		return apps.WithKind("StatefulSet"), true
	case "job", "jobs":
		return schema.GroupVersionKind{Group: "batch", Version: "v1", Kind: "Job"}, true
	case "deploymentconfig", "deploymentconfigs", "dc":
		return schema.GroupVersionKind{Group: "apps.openshift.io", Version: "v1", Kind: "DeploymentConfig"}, true
	case "pod", "pods", "po":
		return schema.GroupVersionKind{Version: "v1", Kind: "Pod"}, true
	case "service", "services", "svc":
		return schema.GroupVersionKind{Version: "v1", Kind: "Service"}, true
	case "serviceaccount", "serviceaccounts", "sa":
		return schema.GroupVersionKind{Version: "v1", Kind: "ServiceAccount"}, true
	case "secret", "secrets":
		return schema.GroupVersionKind{Version: "v1", Kind: "Secret"}, true
	}
	return schema.GroupVersionKind{}, false
}
