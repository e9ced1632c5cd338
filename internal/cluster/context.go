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

	"github.com/regctl/regctl/pkg/hint"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// Config says which kubeconfig and which of its contexts is meant.
type Config struct {
	File    string // path; "" is $KUBECONFIG, else ~/.kube/config
	Context string // name; "" is the current one
}

// Contexts lists the names of the contexts, sorted; none where no kubeconfig can be read.
func (c Config) Contexts(getenv func(string) string) []string {
	raw, err := c.Rules(getenv).Load()
	if err != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(raw.Contexts))
}

// Rules are client-go's, with the environment that is given.
func (c Config) Rules(getenv func(string) string) *clientcmd.ClientConfigLoadingRules {
	var files []string
	for _, file := range filepath.SplitList(getenv("KUBECONFIG")) {
		if file != "" && !slices.Contains(files, file) { // "$KUBECONFIG:more" may begin with nothing
			files = append(files, file)
		}
	}
	if home := getenv("HOME"); len(files) == 0 && home != "" {
		files = []string{filepath.Join(home, ".kube", "config")}
	}
	return &clientcmd.ClientConfigLoadingRules{ExplicitPath: c.File, Precedence: files}
}

// Files are the kubeconfigs, the one that counts most first.
func (c Config) Files(getenv func(string) string) []string {
	return c.Rules(getenv).GetLoadingPrecedence()
}

// Context is a context of the kubeconfig: who talks to which API server.
type Context struct {
	Name string // "" in a pod, where the service account is used

	Namespace  string // that the context names, "default" where it names none
	RESTConfig *rest.Config
	Plain      bool // the server is taken for an old one: see PlainEnv
}

// Server is the URL of the API server.
func (k *Context) Server() string { return k.RESTConfig.Host }

const NoCluster = "regctl login --server URL -u USER, or name a file: --kubeconfig FILE"

// Open reads the context that is meant. It does not talk to the server yet.
func (c Config) Open(getenv func(string) string) (*Context, error) {
	raw, err := c.Rules(getenv).Load()
	if lost, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, hint.Errorf("name a file that is there: --kubeconfig FILE", "kubeconfig: %s: %w", lost.Path, lost.Err)
	}
	if err != nil {
		return nil, hint.New(fmt.Errorf("kubeconfig: %w", err), NoCluster)
	}
	plain := getenv(PlainEnv) == "false"
	if len(raw.Contexts) == 0 && c.Context == "" {
		conf, err := rest.InClusterConfig()
		if err != nil {
			return nil, hint.NotAllowed(errors.New("no kubeconfig, so there is no user and no token"), NoCluster)
		}
		return &Context{Namespace: podNamespace(), RESTConfig: conf, Plain: plain}, nil
	}
	name, err := PickContext(raw, c.Context)
	if err != nil {
		return nil, err
	}
	conf, err := clientcmd.NewNonInteractiveClientConfig(*raw, name, &clientcmd.ConfigOverrides{}, nil).ClientConfig()
	if err != nil {
		return nil, hint.New(fmt.Errorf("kubeconfig: context %q: %w", name, err), NoCluster)
	}
	return &Context{Name: name, Namespace: cmp.Or(raw.Contexts[name].Namespace, "default"), RESTConfig: conf, Plain: plain}, nil
}

// Namespace is that of the context that is meant, "default" where there is no
// kubeconfig. Nothing else of it counts: what is printed offline is for the
// namespace that the same command would write to.
func (c Config) Namespace(getenv func(string) string) (string, error) {
	raw, err := c.Rules(getenv).Load()
	if errors.Is(err, fs.ErrNotExist) {
		return "default", nil
	}
	if err != nil {
		return "", hint.New(fmt.Errorf("kubeconfig: %w", err), NoCluster)
	}
	if c.Context == "" && raw.CurrentContext == "" {
		return podNamespace(), nil
	}
	name, err := PickContext(raw, c.Context)
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
		return "", hint.Errorf(advice, "kubeconfig: no context %q", name)
	}
	return name, nil
}

// String is how errors name the context.
func (k *Context) String() string {
	if k.Name == "" {
		return "the pod's service account"
	}
	return fmt.Sprintf("context %q", k.Name)
}

// Again is what to type to log in anew.
func (k *Context) Again() string { return "regctl login --server " + k.RESTConfig.Host + " -u USER" }

func (k *Context) CredentialError(err error) error {
	return hint.NotAllowed(fmt.Errorf("%s: %w", k, err), k.Again())
}

func (k *Context) unreachable(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("no answer")
	}
	return hint.Errorf("see whether the cluster runs, and who is asked: regctl whoami --show-server", "%s: the API server: %w", k, err)
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
		return 0, hint.NotAllowed(fmt.Errorf("%s: the API server %s does not know the user; the token may have expired", k, k.RESTConfig.Host), k.Again())
	case resp.StatusCode >= 500:
		return 0, fmt.Errorf("%s: the API server answered %s", k.RESTConfig.Host, resp.Status)
	case resp.StatusCode >= 300:
		return resp.StatusCode, nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return 0, hint.Errorf("check the server of "+k.String(), "%s: not an API server: %w", k.RESTConfig.Host, err)
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
