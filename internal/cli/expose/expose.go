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

func New(env *cmdutil.Env) *cobra.Command {
	x := &exposeFlags{}
	cmd := &cobra.Command{
		Use:   "expose [svc/NAME]",
		Short: "Make a registry reachable from outside the cluster",
		Long: `Make a registry's Service reachable from outside the cluster.

With --hostname, TLS is passed through to the registry, which shows its own certificate.
On OpenShift by a Route, whose host the router makes up where none is named; elsewhere by
an Ingress, or what the ingress controller has instead (Traefik's IngressRouteTCP,
Contour's HTTPProxy, a TransportServer); with --gateway by a TLSRoute of the Gateway API.
--edge and --reencrypt end TLS at the router or ingress controller, which goes on to the
registry without TLS, or with. A router has a certificate of its own for that, an ingress
controller needs one for the host.

OpenShift 4's own registry is exposed by its operator: as the default route of the router,
or by another with --hostname, and with --cert and --key of that host. It is meant where the
namespace has no Service of the NAME, and by image-registry.

Without any of these: --type NodePort or LoadBalancer change the Service itself, and
--type ClusterIP takes that back.

NAME is docker-registry where none is given.`,
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
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return x.run(cmd.Context(), env, args) }
	return cmd
}

func (x *exposeFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	x.kind = cmdutil.EnumFlag(cmd, "type", "", "", "change the Service itself: NodePort, LoadBalancer or ClusterIP", "NodePort", "LoadBalancer", "ClusterIP")
	f.BoolVar(&x.passthrough, "passthrough", false, "TLS ends at the registry; this is what is done where nothing else is said")
	f.BoolVar(&x.edge, "edge", false, "TLS ends at the router or ingress controller")
	f.BoolVar(&x.reencrypt, "reencrypt", false, "TLS ends there, and it speaks TLS to the registry")
	f.StringVar(&x.Host, "hostname", "", "the `host` name by which the registry is called; a Route gets one where none is named")
	f.StringVar(&x.Path, "path", "", "only requests below this `path` (--edge and --reencrypt)")
	f.StringVar(&x.Port, "port", "", "the Service's `port`, by name or number")
	f.StringVar(&x.Name, "name", "", "the `name` of what is made; by default the Service's")
	f.StringToStringVarP(&x.Labels, "labels", "l", nil, "`labels` (a=b,c=d) of what is made, beside the Service's")
	f.Lookup("labels").DefValue = ""
	f.StringVar(&x.cert, "cert", "", "the certificate's `file`, with its chain (--edge and --reencrypt)")
	f.StringVar(&x.key, "key", "", "its key's `file`")
	f.StringVar(&x.chain, "ca-cert", "", "the `file` with the chain of --cert, where it has none")
	f.StringVar(&x.TLSSecret, "tls-secret", "", "the `secret` with the certificate, of type kubernetes.io/tls, instead of --cert and --key")
	f.StringVar(&x.ca, "dest-ca-cert", "", "check the registry's certificate by the CA in this `file` (--reencrypt)")
	f.StringVar(&x.Class, "ingress-class", "", "an ingress `class` instead of a Route; by default one that can do it")
	cmdutil.BindEnum(cmd, "controller", "the ingress controller, where it cannot be found: "+strings.Join(kube.Controllers(), ", "), &x.Controller, kube.Controllers()...)
	f.StringVar(&x.Gateway, "gateway", "", "a `Gateway`, [NAMESPACE/]NAME[:LISTENER], to which a TLSRoute is attached")
	cmdutil.BindEnum(cmd, "insecure-policy", "what a Route does with requests without TLS: None, Allow or Redirect", &x.InsecurePolicy, platform.InsecureNone, platform.InsecureAllow, platform.InsecureRedirect)
	cmdutil.BindEnum(cmd, "wildcard-policy", "the hosts of a Route: None (its own alone) or Subdomain (all of its domain)", &x.WildcardPolicy, "None", "Subdomain")
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
		return "", hint.BadUsage(errors.New("--passthrough, --edge, --reencrypt and --type exclude each other"), "choose one")
	case (x.cert == "") != (x.key == ""):
		return "", hint.BadUsage(errors.New("--cert and --key belong together"), "give both, or --tls-secret")
	case x.cert != "" && x.TLSSecret != "":
		return "", hint.BadUsage(errors.New("--tls-secret excludes --cert and --key"), "leave out one of them")
	}
	return name, nil
}
