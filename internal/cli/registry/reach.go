package registry

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/connect"
	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/cluster/pods"
	"github.com/regctl/regctl/internal/survey"
	"github.com/regctl/regctl/pkg/credentials"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/images"
	"github.com/spf13/cobra"
)

// reachFlags are how commands come to a registry that runs in a cluster.
type reachFlags struct {
	connect.RegistryFlags
	user  string
	stdin bool
}

func (r *reachFlags) add(cmd *cobra.Command) {
	r.RegistryFlags.Add(cmd)
	cmd.Flags().StringVarP(&r.user, "username", "u", "", "the `user` name at the registry (default: who is logged in to it)")
	cmd.Flags().BoolVar(&r.stdin, "password-stdin", false, "read the password from stdin")
}

// keychain is the credential of the command line, else those of any of the names.
func (r *reachFlags) keychain(env *cmdutil.Env, names []string) (authn.Keychain, error) {
	if r.user == "" && r.stdin {
		return nil, hint.BadUsage(errors.New("a password, but no user name"), "add -u USER")
	}
	if r.user == "" {
		return anyOf{connect.Credentials(env), names}, nil
	}
	c := credentials.Credential{Username: r.user}
	if err := c.CheckName(); err != nil {
		return nil, err
	}
	var err error
	if c.Password, err = env.Password("Password: ", r.stdin); err != nil {
		return nil, err
	}
	return given{c}, c.Check()
}

// given is a credential for every registry.
type given struct{ c credentials.Credential }

// Resolve returns it.
func (g given) Resolve(authn.Resource) (authn.Authenticator, error) {
	return &authn.Basic{Username: g.c.Username, Password: g.c.Password}, nil
}

// anyOf finds the credential of a registry under any of its names.
type anyOf struct {
	env   credentials.Env
	names []string
}

// Resolve looks the credentials up; without any the registry is used anonymously.
func (a anyOf) Resolve(target authn.Resource) (authn.Authenticator, error) {
	for _, name := range append([]string{target.RegistryStr()}, a.names...) {
		c, _, found, err := credentials.Lookup(a.env, name)
		if err != nil {
			return nil, err
		}
		if found {
			return authn.FromConfig(authn.AuthConfig{Username: c.Username, Password: c.Password, IdentityToken: c.IdentityToken}), nil
		}
	}
	return authn.Anonymous, nil
}

// throughPod is a client of a registry whose connections go through a tunnel to one
// of its pods. The tunnel is to be closed.
func throughPod(ctx context.Context, e *cmdutil.Env, client *cluster.Client, door *survey.PodAccess, r reachFlags) (*images.Client, *pods.Tunnel, error) {
	keychain, err := r.keychain(e, door.Names)
	if err != nil {
		return nil, nil, err
	}
	pool, err := doorRoots(e, door, r)
	if err != nil {
		return nil, nil, err
	}
	tunnel, err := pods.OpenTunnel(ctx, client, door.Pod)
	if err != nil {
		return nil, nil, err
	}
	through := http.DefaultTransport.(*http.Transport).Clone()
	through.Proxy = nil
	through.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return tunnel.Dial(ctx, door.Port) }
	through.TLSClientConfig = &tls.Config{RootCAs: pool, ServerName: door.TLSName, InsecureSkipVerify: r.Insecure, MinVersion: tls.VersionTLS12}
	return &images.Client{
		Transport: func(host string) (http.RoundTripper, error) {
			if host == door.Host {
				return through, nil
			}
			return connect.Transport(e, host, r.CA, r.Insecure) // a token server elsewhere
		},
		Keychain: keychain, UserAgent: "regctl/" + cmdutil.BuildVersion().Version,
		Insecure: r.Insecure || !door.Secure, // the way to the API server is over TLS, and the pod is its neighbour
	}, tunnel, nil
}

func doorRoots(e *cmdutil.Env, door *survey.PodAccess, r reachFlags) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, err
	}
	for _, pem := range door.Roots {
		pool.AppendCertsFromPEM(pem)
	}
	if r.CA != "" {
		return pool, connect.BelieveFile(pool, r.CA)
	}
	return pool, nil
}

// explainReach tells how to come in to a registry that is not reached by its own name; list is the command that lists it.
func explainReach(list string, err error) error {
	if list != "" && errors.Is(err, images.ErrUnknown) {
		return hint.New(err, list)
	}
	if images.IsDenied(err) {
		return hint.NotAllowed(err, "name a user who may: -u USER; of one that regctl has deployed the user is admin")
	}
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unknown) {
		return hint.New(err, "name the CA that signed its certificate by --ca FILE, or leave it unchecked by --insecure")
	}
	return connect.ExplainImage(err)
}
