package identity

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/kubeconfig"
	"github.com/regctl/regctl/pkg/atomicfile"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// Server says which API server is meant where no context of the kubeconfig is.
type Server struct {
	URL      string // https://api.example.com:6443; "" is that of the context
	CAFile   string // PEM; "" is what the kubeconfig has for it
	Insecure bool   // do not check its certificate
}

// Target is an API server that a user logs in to. Nothing is known of them yet.
type Target struct {
	config    cluster.Config
	name      string // of the server's stanza in the kubeconfig
	stanza    *api.Cluster
	changed   bool   // the stanza is new, or not as it was
	namespace string // that the kubeconfig used there so far
	conf      *rest.Config
}

// ResolveTarget finds the API server that is meant.
func ResolveTarget(c cluster.Config, getenv func(string) string, s Server) (*Target, error) {
	raw, err := c.Load(getenv)
	if err != nil {
		return nil, hint.New(fmt.Errorf("kubeconfig: %w", err), cluster.NoCluster)
	}
	t := &Target{config: c}
	if s.URL == "" {
		err = t.ofContext(raw, c.ContextName())
	} else {
		err = t.ofURL(raw, s.URL)
	}
	if err != nil {
		return nil, err
	}
	if err := t.set(s); err != nil {
		return nil, err
	}
	return t, t.connect()
}

func (t *Target) ofContext(raw *api.Config, name string) error {
	if len(raw.Contexts) == 0 && name == "" {
		return hint.Errorf("add --server https://API-SERVER:6443", "no kubeconfig found, so the cluster to log in to is unknown")
	}
	name, err := cluster.PickContext(raw, name)
	if err != nil {
		return err
	}
	in := raw.Contexts[name]
	t.name, t.namespace = in.Cluster, in.Namespace
	if t.stanza = raw.Clusters[in.Cluster]; t.stanza == nil {
		return hint.Errorf("add --server https://API-SERVER:6443", "kubeconfig: context %q: cluster %q not found", name, in.Cluster)
	}
	return nil
}

// ofURL finds the stanza with this URL, or makes one with the name that "oc login" gives it.
func (t *Target) ofURL(raw *api.Config, server string) error {
	u, err := serverURL(server)
	if err != nil {
		return err
	}
	t.name = nickname(u)
	names := slices.Sorted(func(yield func(string) bool) {
		for name, stanza := range raw.Clusters {
			if same, err := serverURL(stanza.Server); err == nil && same.String() == u.String() && !yield(name) {
				return
			}
		}
	})
	if len(names) > 0 && !slices.Contains(names, t.name) {
		t.name = names[0]
	}
	if t.stanza = raw.Clusters[t.name]; t.stanza == nil || len(names) == 0 {
		t.stanza, t.changed = api.NewCluster(), true
		t.stanza.Server = u.String()
	}
	if in := raw.Contexts[raw.CurrentContext]; in != nil && in.Cluster == t.name {
		t.namespace = in.Namespace
	}
	return nil
}

func serverURL(server string) (*url.URL, error) {
	if !strings.Contains(server, "://") {
		server = "https://" + server
	}
	u, err := url.Parse(strings.TrimRight(server, "/"))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, hint.BadUsage(fmt.Errorf("--server %q: not the URL of an API server", server), "write it as https://api.example.com:6443")
	}
	return u, nil
}

// nickname is how "oc login" names a server: api-example-com:6443.
func nickname(u *url.URL) string {
	port := cmp.Or(u.Port(), map[string]string{"https": "443", "http": "80"}[u.Scheme])
	return strings.ReplaceAll(net.JoinHostPort(u.Hostname(), port), ".", "-")
}

// set puts what the flags say of the server's certificate into its stanza.
func (t *Target) set(s Server) error {
	if s.CAFile == "" && !s.Insecure {
		return nil
	}
	stanza := *t.stanza
	t.stanza, t.changed = &stanza, true
	stanza.InsecureSkipTLSVerify = s.Insecure
	stanza.CertificateAuthority, stanza.CertificateAuthorityData = "", nil
	if s.CAFile == "" || s.Insecure {
		return nil
	}
	pem, err := os.ReadFile(s.CAFile)
	if err != nil {
		return fmt.Errorf("%s: %w", s.CAFile, atomicfile.Cause(err))
	}
	chain, err := certs.ParseChain(pem)
	if err != nil {
		return fmt.Errorf("%s: %w", s.CAFile, err)
	}
	stanza.CertificateAuthorityData = certs.EncodeChain(chain)
	return nil
}

func (t *Target) connect() error {
	alone := api.NewConfig()
	alone.Clusters["it"], alone.Contexts["it"] = t.stanza, &api.Context{Cluster: "it"}
	conf, err := clientcmd.NewNonInteractiveClientConfig(*alone, "it", &clientcmd.ConfigOverrides{}, nil).ClientConfig()
	if err != nil {
		return hint.New(fmt.Errorf("kubeconfig: cluster %q: %w", t.name, err), cluster.NoCluster)
	}
	t.conf = conf
	return nil
}

// URL is that of the API server.
func (t *Target) URL() string { return t.conf.Host }

// Insecure tells that nothing is checked of the server.
func (t *Target) Insecure() bool { return t.conf.Insecure }

// Ways are how to come to the API server, and to the OAuth server, which may have a
// certificate that the system trusts, or one by the kubeconfig's CA. Neither shows any credentials.
func (t *Target) Ways() (toAPI, toOAuth http.RoundTripper, err error) {
	if toAPI, err = rest.TransportFor(t.conf); err != nil {
		return nil, nil, fmt.Errorf("kubeconfig: cluster %q: %w", t.name, err)
	}
	way := http.DefaultTransport.(*http.Transport).Clone()
	if t.conf.Proxy != nil {
		way.Proxy = t.conf.Proxy
	}
	way.TLSClientConfig = &tls.Config{InsecureSkipVerify: t.conf.Insecure, MinVersion: tls.VersionTLS12}
	if way.TLSClientConfig.RootCAs, err = x509.SystemCertPool(); err != nil {
		return nil, nil, err
	}
	pem := t.conf.CAData
	if len(pem) == 0 && t.conf.CAFile != "" {
		if pem, err = os.ReadFile(t.conf.CAFile); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", t.conf.CAFile, atomicfile.Cause(err))
		}
	}
	way.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem) // as kubectl reads a kubeconfig
	return toAPI, way, nil
}

// As is the server as seen by who has a token.
func (t *Target) As(token string) *cluster.Context {
	conf := rest.AnonymousClientConfig(t.conf)
	conf.BearerToken = token
	return &cluster.Context{Name: t.name, Namespace: cmp.Or(t.namespace, "default"), RESTConfig: conf}
}

// Namespace chooses the one that a new context of the target starts in, as "oc login"
// does: the one that was used so far, default, or the first that the user may see.
// Clusters without projects are not asked.
func (t *Target) Namespace(ctx context.Context, k *cluster.Context) string {
	var list struct {
		Items []struct {
			Metadata struct{ Name string }
		}
	}
	code, err := k.Call(ctx, http.MethodGet, "/apis/project.openshift.io/v1/projects", nil, &list)
	if err != nil || code >= 300 || len(list.Items) == 0 {
		return cmp.Or(t.namespace, "default")
	}
	var names []string
	for _, p := range list.Items {
		names = append(names, p.Metadata.Name)
	}
	slices.Sort(names)
	for _, name := range []string{t.namespace, "default"} {
		if slices.Contains(names, name) {
			return name
		}
	}
	return names[0]
}

// Save keeps a login in the kubeconfig as "oc login" does: the user as
// alice/HOST:PORT, the context as NAMESPACE/HOST:PORT/alice, which becomes the
// current one. Nothing else in the files changes. It returns the context's name.
func (t *Target) Save(ctx context.Context, getenv func(string) string, user, token, namespace string) (name string, err error) {
	u, err := serverURL(t.stanza.Server)
	if err != nil {
		return "", err
	}
	owner := user + "/" + nickname(u)
	name = namespace + "/" + nickname(u) + "/" + user
	e, err := kubeconfig.Open(ctx, t.config.Files(getenv))
	if err != nil {
		return "", err
	}
	defer e.Close()
	if t.changed {
		e.SetCluster(t.name, t.stanza)
	}
	e.ChangeUser(owner, func(info *api.AuthInfo) { *info = api.AuthInfo{Token: token, Extensions: info.Extensions} })
	e.SetContext(name, api.Context{Cluster: t.name, AuthInfo: owner, Namespace: namespace})
	return name, e.Save()
}
