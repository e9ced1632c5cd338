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

// reachFlags are the flags of commands that connect to a registry in a cluster.
type reachFlags struct {
	connect.RegistryFlags
	user  string
	stdin bool
}

func (r *reachFlags) add(cmd *cobra.Command) {
	r.RegistryFlags.Add(cmd)
	cmd.Flags().StringVarP(&r.user, "username", "u", "", "`user` name for the registry (default: the stored credentials)")
	cmd.Flags().BoolVar(&r.stdin, "password-stdin", false, "read the password from stdin")
}

// keychain returns the credentials of the command line, else those stored for any of the names.
func (r *reachFlags) keychain(env *cmdutil.Env, names []string) (authn.Keychain, error) {
	if r.user == "" && r.stdin {
		return nil, hint.BadUsage(errors.New("--password-stdin requires --username"), "add -u USER")
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

// given is one credential for every registry.
type given struct{ c credentials.Credential }

// Resolve returns the credential.
func (g given) Resolve(authn.Resource) (authn.Authenticator, error) {
	return &authn.Basic{Username: g.c.Username, Password: g.c.Password}, nil
}

// anyOf looks up the credentials of a registry under any of its names.
type anyOf struct {
	env   credentials.Env
	names []string
}

// Resolve returns the credentials; without any, access is anonymous.
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

// throughPod returns a client of a registry that connects through a tunnel to one
// of its pods. The caller closes the tunnel.
func throughPod(ctx context.Context, e *cmdutil.Env, client *cluster.Client, door *survey.PodAccess, r reachFlags) (*images.Client, *pods.Tunnel, error) {
	keychain, err := r.keychain(e, door.Names)
	if err != nil {
		return nil, nil, err
	}
	pool, err := doorRoots(door, r)
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
			return connect.Transport(e, host, r.CA, r.Insecure) // a token server on another host
		},
		Keychain: keychain, UserAgent: "regctl/" + cmdutil.BuildVersion().Version,
		Insecure: r.Insecure || !door.Secure, // the tunnel to the API server uses TLS, and the pod is inside the cluster
	}, tunnel, nil
}

func doorRoots(door *survey.PodAccess, r reachFlags) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, err
	}
	for _, pem := range door.Roots {
		pool.AppendCertsFromPEM(pem)
	}
	if r.CA != "" {
		return pool, connect.TrustFile(pool, r.CA)
	}
	return pool, nil
}

// explainReach adds a hint to errors of a registry that is reached through a pod; list is the command to run again.
func explainReach(list string, err error) error {
	if list != "" && errors.Is(err, images.ErrUnknown) {
		return hint.New(err, list)
	}
	if images.IsDenied(err) {
		return hint.NotAllowed(err, "add -u USER; the user of a registry deployed by regctl is admin")
	}
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unknown) {
		return hint.New(err, "add --ca FILE with the CA of its certificate, or --insecure to skip verification")
	}
	return connect.ExplainImage(err)
}
