// Package cluster is a client of one API server: its objects, the kinds that it serves, and the
// reasons for its refusals. A Config names the kubeconfig context that is used. The packages below
// it change objects, wait for them, look into pods and log in.
package cluster

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/regctl/regctl/pkg/hint"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// Config says which API server is used, and as whom: kubectl's flags, or a kubeconfig and a
// context. Without either, $KUBECONFIG, ~/.kube/config or the service account of the pod decides.
type Config struct {
	Flags   *genericclioptions.ConfigFlags // of the command line; nil: none
	File    string                         // path of the kubeconfig, where there are no Flags
	Context string                         // name of its context, where there are no Flags; "" is the current one
}

// WithContext is the same kubeconfig with another context, and without the other flags.
func (c Config) WithContext(name string) Config {
	return Config{File: c.given(c.File, "kubeconfig"), Context: name}
}

// Given tells whether a kubeconfig, a context or a server was named.
func (c Config) Given() bool {
	return c.given(c.File, "kubeconfig") != "" || c.ContextName() != "" || c.given("", "server") != ""
}

// ContextName is the context that was named; "" is the current one.
func (c Config) ContextName() string { return c.given(c.Context, "context") }

// given is the value of a flag, or what stands in its place where there are no flags.
func (c Config) given(otherwise, flag string) string {
	if c.Flags == nil {
		return otherwise
	}
	value := map[string]*string{"kubeconfig": c.Flags.KubeConfig, "context": c.Flags.Context, "server": c.Flags.APIServer}[flag]
	if value == nil {
		return ""
	}
	return *value
}

// Contexts lists the names of the contexts, sorted; none where no kubeconfig can be read.
func (c Config) Contexts(getenv func(string) string) []string {
	raw, err := c.rules(getenv).Load()
	if err != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(raw.Contexts))
}

// Namespaces lists the namespaces that the contexts name, sorted.
func (c Config) Namespaces(getenv func(string) string) (found []string) {
	raw, err := c.rules(getenv).Load()
	if err != nil {
		return nil
	}
	for _, in := range raw.Contexts {
		if in.Namespace != "" {
			found = append(found, in.Namespace)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// Load reads the kubeconfigs, merged.
func (c Config) Load(getenv func(string) string) (*api.Config, error) { return c.rules(getenv).Load() }

// rules are client-go's, with the environment that is given.
func (c Config) rules(getenv func(string) string) *clientcmd.ClientConfigLoadingRules {
	var files []string
	for _, file := range filepath.SplitList(getenv("KUBECONFIG")) {
		if file != "" && !slices.Contains(files, file) { // "$KUBECONFIG:more" may begin with nothing
			files = append(files, file)
		}
	}
	if home := getenv("HOME"); len(files) == 0 && home != "" {
		files = []string{filepath.Join(home, ".kube", "config")}
	}
	return &clientcmd.ClientConfigLoadingRules{ExplicitPath: c.given(c.File, "kubeconfig"), Precedence: files}
}

// Files are the kubeconfigs, the one that counts most first.
func (c Config) Files(getenv func(string) string) []string {
	return c.rules(getenv).GetLoadingPrecedence()
}

// loader puts the flags over the kubeconfig, as kubectl does.
func (c Config) loader(raw *api.Config, context string) clientcmd.ClientConfig {
	if c.Flags != nil {
		return c.Flags.ToRawKubeConfigLoader()
	}
	return clientcmd.NewNonInteractiveClientConfig(*raw, context, &clientcmd.ConfigOverrides{}, nil)
}

// Context is a context of the kubeconfig: who talks to which API server.
type Context struct {
	Name string // "" in a pod, where the service account is used, or where flags say all

	Namespace  string // that the context names, "default" where it names none
	RESTConfig *rest.Config
	Plain      bool   // the server is taken for an old one: see PlainEnv
	cacheDir   string // of --cache-dir; "": the default
}

// Server is the URL of the API server.
func (k *Context) Server() string { return k.RESTConfig.Host }

// NoCluster is the advice where no cluster is configured.
const NoCluster = "add --kubeconfig FILE, or log in: regctl login --server URL -u USER"

// requestTimeout bounds one request where --request-timeout does not.
const requestTimeout = 60 * time.Second

// Open reads the context that is meant. It does not talk to the server yet.
func (c Config) Open(getenv func(string) string) (*Context, error) {
	raw, err := c.rules(getenv).Load()
	if lost, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, hint.Errorf("specify an existing file: --kubeconfig FILE", "kubeconfig: %s: %w", lost.Path, lost.Err)
	}
	if err != nil {
		return nil, hint.New(fmt.Errorf("kubeconfig: %w", err), NoCluster)
	}
	k := &Context{Plain: getenv(PlainEnv) == "false"}
	switch {
	case len(raw.Contexts) > 0 || c.ContextName() != "":
		k.Name, err = PickContext(raw, c.ContextName())
	case c.given("", "server") == "":
		return k.inCluster()
	}
	if err != nil {
		return nil, err
	}
	loader := c.loader(raw, k.Name)
	if k.RESTConfig, err = loader.ClientConfig(); err != nil {
		return nil, hint.New(fmt.Errorf("kubeconfig: %s: %w", k, err), NoCluster)
	}
	if k.Namespace, _, err = loader.Namespace(); err != nil {
		return nil, hint.New(fmt.Errorf("kubeconfig: %s: %w", k, err), NoCluster)
	}
	if k.RESTConfig.Timeout == 0 {
		k.RESTConfig.Timeout = requestTimeout
	}
	if c.Flags != nil && c.Flags.CacheDir != nil {
		k.cacheDir = *c.Flags.CacheDir
	}
	return k, nil
}

// inCluster is the service account of the pod that this runs in.
func (k *Context) inCluster() (*Context, error) {
	conf, err := rest.InClusterConfig()
	if err != nil {
		return nil, hint.NotAllowed(errors.New("no kubeconfig found, so there is no user and no token"), NoCluster)
	}
	conf.Timeout = requestTimeout
	k.RESTConfig, k.Namespace = conf, podNamespace()
	return k, nil
}

// Namespace is that of the context that is meant, "default" where there is no
// kubeconfig. Nothing else of it counts: what is printed offline is for the
// namespace that the same command would write to.
func (c Config) Namespace(getenv func(string) string) (string, error) {
	raw, err := c.rules(getenv).Load()
	if errors.Is(err, fs.ErrNotExist) {
		return "default", nil
	}
	if err != nil {
		return "", hint.New(fmt.Errorf("kubeconfig: %w", err), NoCluster)
	}
	if c.ContextName() == "" && raw.CurrentContext == "" {
		return podNamespace(), nil
	}
	name, err := PickContext(raw, c.ContextName())
	if err != nil {
		return "", err
	}
	return cmp.Or(raw.Contexts[name].Namespace, "default"), nil
}

// podNamespace is the namespace of the pod that this runs in.
func podNamespace() string {
	b, err := os.ReadFile("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
	if err != nil {
		return "default"
	}
	return strings.TrimSpace(string(b))
}

// PickContext returns the name of the context to use: the given one, or else the current one.
func PickContext(raw *api.Config, name string) (string, error) {
	names := slices.Sorted(maps.Keys(raw.Contexts))
	if name == "" {
		name = raw.CurrentContext
	}
	if name == "" {
		return "", hint.New(errors.New("kubeconfig: no current context"), "kubectl config use-context "+names[0])
	}
	if raw.Contexts[name] == nil {
		advice := NoCluster
		if len(names) > 0 {
			advice = "add --context " + names[0]
		}
		return "", hint.Errorf(advice, "kubeconfig: context %q not found", name)
	}
	return name, nil
}

// String is how errors name the context.
func (k *Context) String() string {
	if k.Name == "" && k.RESTConfig != nil && k.RESTConfig.BearerTokenFile != "" {
		return "the pod's service account"
	}
	if k.Name == "" {
		return "the server given by --server"
	}
	return fmt.Sprintf("context %q", k.Name)
}

// Again is what to type to log in again.
func (k *Context) Again() string { return "regctl login --server " + k.RESTConfig.Host + " -u USER" }

// CredentialError is a failure of the credentials of the context.
func (k *Context) CredentialError(err error) error {
	return hint.NotAllowed(fmt.Errorf("%s: %w", k, err), k.Again())
}

func (k *Context) unreachable(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("no response")
	}
	return hint.Errorf("check that the cluster runs; to show its address: regctl whoami --show-server", "%s: the API server: %w", k, err)
}

// Call makes a request of the API and decodes an answer below 300 into out. Of
// the others, a refusal and a server's failure are errors; the rest is the caller's to judge.
func (k *Context) Call(ctx context.Context, method, path string, body []byte, out any) (int, error) {
	client, err := rest.HTTPClientFor(k.RESTConfig)
	if err != nil {
		return 0, k.CredentialError(err)
	}
	base, _, err := rest.DefaultServerUrlFor(k.RESTConfig)
	if err != nil {
		return 0, hint.New(fmt.Errorf("%s: %w", k, err), NoCluster)
	}
	req, err := http.NewRequestWithContext(ctx, method, base.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return 0, k.unreachable(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return 0, k.unreachable(err)
	}
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		return 0, hint.NotAllowed(fmt.Errorf("%s: the API server %s rejected the credentials; the token may have expired", k, k.RESTConfig.Host), k.Again())
	case resp.StatusCode >= 500:
		return 0, fmt.Errorf("%s: unexpected response of the API server: %s", k.RESTConfig.Host, resp.Status)
	case resp.StatusCode >= 300:
		return resp.StatusCode, nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return 0, hint.Errorf("check the server address of "+k.String(), "%s: not an API server: %w", k.RESTConfig.Host, err)
	}
	return resp.StatusCode, nil
}

// Paths are the kubeconfigs that are read, absolute.
func (c Config) Paths(getenv func(string) string) (all []string, err error) {
	for _, file := range c.Files(getenv) {
		path, err := filepath.Abs(file)
		if err != nil {
			return nil, err
		}
		all = append(all, path)
	}
	return all, nil
}
