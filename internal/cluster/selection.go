package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/regctl/regctl/pkg/atomicfile"
	"github.com/regctl/regctl/pkg/hint"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/resource"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// restClients gives cli-runtime's builder what the client knows of its cluster.
type restClients struct{ client *Client }

func (r restClients) ToRESTConfig() (*rest.Config, error) { return r.client.RESTConfig, nil }

func (r restClients) ToDiscoveryClient() (discovery.CachedDiscoveryInterface, error) {
	return r.client.Discovery, nil
}

func (r restClients) ToRESTMapper() (meta.RESTMapper, error) {
	return restmapper.NewShortcutExpander(r.client.mapper, r.client.Discovery, nil), nil
}

// Select finds the objects that TYPE/NAME..., TYPE NAME... or TYPE,TYPE mean, the last one with a
// label selector or with all. Objects that are named are not read, and need not exist.
func (c *Client) Select(args []string, selector string, all bool) ([]Ref, error) {
	if strings.Contains(args[0], "/") {
		if err := checkNames(args); err != nil {
			return nil, err
		}
	}
	if c.Offline() {
		return c.selectOffline(args)
	}
	for _, word := range typesIn(args) { // the builder neither asks the server again nor says what to do
		if err := c.checkType(word); err != nil {
			return nil, err
		}
	}
	b := resource.NewBuilder(restClients{c}).Unstructured().NamespaceParam(c.Namespace).DefaultNamespace().
		LabelSelectorParam(selector).SelectAllParam(all).ResourceTypeOrNameArgs(all, args...).RequireObject(false).Flatten()
	infos, err := Reading(b.Do().Infos)
	if err != nil {
		return nil, c.Explain(args[0], err)
	}
	refs := make([]Ref, len(infos))
	for i, info := range infos {
		refs[i] = Ref{GVK: info.Mapping.GroupVersionKind, Name: info.Name}
		if info.Namespaced() {
			refs[i].Namespace = info.Namespace
		}
	}
	return refs, nil
}

// checkNames refuses what is not TYPE/NAME.
func checkNames(args []string) error {
	for _, arg := range args {
		kind, name, ok := strings.Cut(arg, "/")
		if !ok || kind == "" || name == "" || strings.Contains(name, "/") {
			words := append([]string{"deployment"}, strings.FieldsFunc(arg, func(r rune) bool { return r == '/' })...)
			return hint.BadUsage(fmt.Errorf("%q: must be TYPE/NAME", arg), "write it as "+strings.Join(words[max(len(words)-2, 0):], "/"))
		}
	}
	return nil
}

// checkType refuses a type that the server does not have.
func (c *Client) checkType(word string) error {
	_, err := c.kindOf(word)
	if meta.IsNoMatchError(err) {
		if err := c.checkAge(); err != nil {
			return err
		}
		return hint.BadUsage(fmt.Errorf("resource type %q not found", word), "kubectl api-resources")
	}
	return c.Explain("discovery", err)
}

// typesIn are the types that arguments name.
func typesIn(args []string) []string {
	if !strings.Contains(args[0], "/") {
		return strings.Split(args[0], ",")
	}
	var types []string
	for _, arg := range args {
		word, _, _ := strings.Cut(arg, "/")
		types = append(types, word)
	}
	return types
}

// selectOffline names objects of well-known types, with no server to ask.
func (c *Client) selectOffline(args []string) ([]Ref, error) {
	if !strings.Contains(args[0], "/") {
		var names []string
		for _, kind := range strings.Split(args[0], ",") {
			for _, name := range args[1:] {
				names = append(names, kind+"/"+name)
			}
		}
		args = names
	}
	var refs []Ref
	for _, arg := range args {
		kind, name, _ := strings.Cut(arg, "/")
		gvk, known := wellKnown(kind)
		if !known {
			return nil, hint.BadUsage(fmt.Errorf("%q: type %q is unknown without a server", arg, kind), "omit --dry-run=client, or use deployment, daemonset, statefulset, job, pod or deploymentconfig")
		}
		refs = append(refs, Ref{gvk, c.Namespace, name})
	}
	return refs, nil
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

// ReadObjects reads the objects of YAML and JSON files, directories, URLs and, as "-", stdin, or of a
// kustomization; lists are taken apart.
func ReadObjects(from resource.FilenameOptions, stdin io.Reader) ([]Object, error) {
	names := strings.Join(append(slices.Clone(from.Filenames), from.Kustomize)[:max(len(from.Filenames), 1)], ", ")
	b := resource.NewLocalBuilder().Unstructured()
	if i := slices.Index(from.Filenames, "-"); i >= 0 {
		text, err := io.ReadAll(stdin)
		if err != nil {
			return nil, err
		}
		b = b.Stream(bytes.NewReader(text), "stdin")
		from.Filenames = slices.DeleteFunc(slices.Clone(from.Filenames), func(name string) bool { return name == "-" })
	}
	for _, name := range from.Filenames {
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) && !strings.Contains(name, "://") && !strings.ContainsAny(name, "*?[") {
			return nil, fmt.Errorf("%s: %w", name, atomicfile.Cause(err))
		}
	}
	infos, err := b.FilenameParam(false, &from).Flatten().Do().Infos()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", names, err)
	}
	objects := make([]Object, 0, len(infos))
	for _, info := range infos {
		o, ok := info.Object.(*unstructured.Unstructured)
		if !ok || o.GetName() == "" {
			return nil, fmt.Errorf("%s: object without kind or name", names)
		}
		objects = append(objects, *o)
	}
	if len(objects) == 0 {
		return nil, hint.BadUsage(fmt.Errorf("%s: no object found", names), "")
	}
	return objects, nil
}
