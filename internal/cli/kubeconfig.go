package cli

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// kubeFlags say which kubeconfig and which of its contexts a command means.
type kubeFlags struct{ file, context string }

func (k *kubeFlags) add(env *Env, cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&k.file, "kubeconfig", "", "the kubeconfig `file`; by default $KUBECONFIG, else ~/.kube/config")
	f.StringVar(&k.context, "context", "", "the kubeconfig's `context`; by default the current one")
	f.StringVar(&k.file, "config", "", "the kubeconfig `file`, by its old name")
	_ = f.MarkHidden("config") // the only failure is a flag that does not exist
	_ = cmd.RegisterFlagCompletionFunc("context", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		raw, _ := k.rules(env).Load()
		if raw == nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return slices.Sorted(maps.Keys(raw.Contexts)), cobra.ShellCompDirectiveNoFileComp
	})
}

// rules are client-go's, with the environment of the Env.
func (k *kubeFlags) rules(env *Env) *clientcmd.ClientConfigLoadingRules {
	files := filepath.SplitList(env.Getenv("KUBECONFIG"))
	if len(files) == 0 && env.Home() != "" {
		files = []string{filepath.Join(env.Home(), ".kube", "config")}
	}
	return &clientcmd.ClientConfigLoadingRules{ExplicitPath: k.file, Precedence: files}
}

// kubeContext is a context of the kubeconfig: who talks to which API server.
type kubeContext struct {
	name string // "" in a pod, where the service account is used
	user string // the kubeconfig's name for the credentials; may be empty
	conf *rest.Config
}

const noCluster = "oc login SERVER, or name a file: --kubeconfig FILE"

// kube reads the context that the flags name.
func (e *Env) kube(k *kubeFlags) (*kubeContext, error) {
	raw, err := k.rules(e).Load()
	if err != nil {
		return nil, hint.New(fmt.Errorf("kubeconfig: %w", err), noCluster)
	}
	if len(raw.Contexts) == 0 && k.context == "" {
		conf, err := rest.InClusterConfig()
		if err != nil {
			return nil, hint.NotAllowed(errors.New("no kubeconfig, so there is no user and no token"), noCluster)
		}
		return &kubeContext{conf: conf}, nil
	}
	name, err := pickContext(raw, k.context)
	if err != nil {
		return nil, err
	}
	conf, err := clientcmd.NewNonInteractiveClientConfig(*raw, name, &clientcmd.ConfigOverrides{}, nil).ClientConfig()
	if err != nil {
		return nil, hint.New(fmt.Errorf("kubeconfig: context %q: %w", name, err), noCluster)
	}
	return &kubeContext{name: name, user: raw.Contexts[name].AuthInfo, conf: conf}, nil
}

func pickContext(raw *api.Config, name string) (string, error) {
	names := slices.Sorted(maps.Keys(raw.Contexts))
	if name == "" {
		name = raw.CurrentContext
	}
	if name == "" {
		return "", hint.New(errors.New("kubeconfig: no current context"), "kubectl config use-context "+names[0])
	}
	if raw.Contexts[name] == nil {
		advice := noCluster
		if len(names) > 0 {
			advice = "add --context " + names[0]
		}
		return "", hint.Errorf(advice, "kubeconfig: no context %q", name)
	}
	return name, nil
}
