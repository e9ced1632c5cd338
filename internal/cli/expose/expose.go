// Package expose has the command that exposes a registry outside the cluster, as "oc expose" and "oc create route".
package expose

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/internal/cli/pipeline"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/kube"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// exposeFlags are what was asked for on the command line.
type exposeFlags struct {
	*pipeline.Site
	platform.Exposure
	kind                         *cmdutil.Enum
	passthrough, edge, reencrypt bool
	cert, key, chain, ca         string
}

// New returns the command expose.
func New(env *cmdutil.Env) *cobra.Command {
	x := &exposeFlags{}
	cmd := &cobra.Command{
		Use:   "expose [svc/NAME]",
		Short: "Expose a registry outside the cluster",
		Long: `Expose a registry's Service outside the cluster. NAME is docker-registry if omitted.

TLS termination, with a route or ingress:
  --passthrough  at the registry, with its certificate (default)
  --edge         at the router or ingress controller, which uses HTTP to the registry
  --reencrypt    there too, with TLS to the registry
Ingress controllers require a certificate for --edge and --reencrypt; routers have one.

Without a route: --type NodePort or LoadBalancer changes the Service. --type ClusterIP
reverts it.

What the command creates:
  OpenShift 3         a Route; the router generates the host if --hostname is omitted
  OpenShift 4         the operator creates the default route of image-registry, or with
                      --hostname another route. Your own registry gets a Route
  Kubernetes          an Ingress, or the object of the ingress controller (Traefik's
                      IngressRouteTCP, Contour's HTTPProxy, NGINX's TransportServer)
  with --gateway      a TLSRoute of the Gateway API`,
		Example: `  regctl expose svc/docker-registry --hostname=registry.example.com
  regctl expose svc/docker-registry --reencrypt --dest-ca-cert=ca.crt --platform=openshift3
  regctl expose docker-registry --type=NodePort`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 2 && serviceWord(args[0]) { // service NAME
				return nil
			}
			return cobra.MaximumNArgs(1)(cmd, args)
		},
	}
	x.Site = pipeline.AddSite(env, cmd)
	x.add(cmd)
	cmd.ValidArgsFunction = x.CompleteTyped(env, "svc")
	pipeline.CompleteFlags(cmd, map[string]cobra.CompletionFunc{"tls-secret": x.CompleteNames(env, "secret")})
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return x.run(cmd.Context(), env, args) }
	return cmd
}

func (x *exposeFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	x.kind = cmdutil.EnumFlag(cmd, "type", "", "", "change the Service to NodePort, LoadBalancer or ClusterIP", "NodePort", "LoadBalancer", "ClusterIP")
	f.BoolVar(&x.passthrough, "passthrough", false, "terminate TLS at the registry (default)")
	f.BoolVar(&x.edge, "edge", false, "terminate TLS at the router or ingress controller")
	f.BoolVar(&x.reencrypt, "reencrypt", false, "terminate TLS there, and use TLS to the registry")
	f.StringVar(&x.Host, "hostname", "", "`host` name of the registry (default for a Route: generated)")
	f.StringVar(&x.Path, "path", "", "expose only this `path`; with --edge or --reencrypt")
	f.StringVar(&x.Port, "port", "", "`port` of the Service, by name or number")
	f.StringVar(&x.Name, "name", "", "`name` of the new object (default: the Service's)")
	f.StringToStringVarP(&x.Labels, "labels", "l", nil, "additional `labels` of the new object: a=b,c=d")
	f.Lookup("labels").DefValue = ""
	f.StringVar(&x.cert, "cert", "", "certificate `file` with its chain; with --edge or --reencrypt")
	f.StringVar(&x.key, "key", "", "key `file` of --cert")
	f.StringVar(&x.chain, "ca-cert", "", "`file` with the chain of --cert")
	f.StringVar(&x.TLSSecret, "tls-secret", "", "`secret` of type kubernetes.io/tls, instead of --cert and --key")
	f.StringVar(&x.ca, "dest-ca-cert", "", "`file` with the CA of the registry's certificate; with --reencrypt")
	f.StringVar(&x.Class, "ingress-class", "", "ingress `class`, instead of a Route (default: a suitable class)")
	cmdutil.BindEnum(cmd, "controller", "ingress controller (default: detected)", &x.Controller, kube.Controllers()...)
	f.StringVar(&x.Gateway, "gateway", "", "`Gateway` for a TLSRoute, [NAMESPACE/]NAME[:LISTENER]")
	cmdutil.BindEnum(cmd, "insecure-policy", "requests without TLS on a Route: None, Allow or Redirect", &x.InsecurePolicy, platform.InsecureNone, platform.InsecureAllow, platform.InsecureRedirect)
	cmdutil.BindEnum(cmd, "wildcard-policy", "hosts of a Route: None (its host) or Subdomain (all hosts of its domain)", &x.WildcardPolicy, "None", "Subdomain")
}

func (x *exposeFlags) run(ctx context.Context, env *cmdutil.Env, args []string) error {
	name, err := x.read(args)
	if err != nil {
		return err
	}
	p, err := x.Open(ctx, env)
	if err != nil {
		return err
	}
	exposer, able := p.Platform.(platform.Exposer)
	if !able {
		return hint.BadUsage(fmt.Errorf("expose: %w", platform.ErrUnsupported), "")
	}
	if err := x.readFiles(); err != nil {
		return err
	}
	changes, err := exposer.Expose(ctx, name, x.Exposure)
	if err != nil {
		return err
	}
	if err := x.Mutation.Run(ctx, env, p.Client, changes); err != nil || x.Dry() {
		return err
	}
	return x.Tell(ctx, env, exposer, name, x.Exposure)
}

// read makes sense of the arguments and flags; it returns the Service's name.
func (x *exposeFlags) read(args []string) (name string, err error) {
	name = platform.DefaultName
	if len(args) > 0 {
		if name, err = pipeline.NameOf(strings.Join(args, "/"), serviceWords()...); err != nil {
			return "", err
		}
	}
	chosen := 0
	for kind, on := range map[string]bool{
		platform.Passthrough: x.passthrough, platform.Edge: x.edge, platform.Reencrypt: x.reencrypt, strings.ToLower(x.kind.Value): x.kind.Value != "",
	} {
		if on {
			x.Kind = kind
			chosen++
		}
	}
	switch {
	case chosen > 1:
		return "", hint.BadUsage(errors.New("--passthrough, --edge, --reencrypt and --type cannot be used together"), "use one of them")
	case (x.cert == "") != (x.key == ""):
		return "", hint.BadUsage(errors.New("--cert and --key must be used together"), "add both, or use --tls-secret")
	case x.cert != "" && x.TLSSecret != "":
		return "", hint.BadUsage(errors.New("--tls-secret cannot be used with --cert and --key"), "omit one of them")
	}
	return name, nil
}
