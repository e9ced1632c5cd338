package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/plan"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/internal/platform/kube"
	"github.com/regctl/regctl/internal/secrets"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/spf13/cobra"
)

// exposeFlags are what was asked for on the command line.
type exposeFlags struct {
	*mutation
	kube.Expose
	kind                         *enum
	passthrough, edge, reencrypt bool
	cert, key, ca, wildcard      string
}

func newExpose(env *Env) *cobra.Command {
	x := &exposeFlags{}
	cmd := &cobra.Command{
		Use:   "expose [svc/NAME]",
		Short: "Make a registry reachable from outside the cluster",
		Long: `Make a registry's Service reachable from outside the cluster.

With --hostname, TLS is passed through to the registry, which shows its own certificate:
by an Ingress, or what the ingress controller has instead (Traefik's IngressRouteTCP,
Contour's HTTPProxy, a TransportServer); with --gateway by a TLSRoute of the Gateway API.
--edge and --reencrypt end TLS at the ingress controller, which needs a certificate for the
host and goes on to the registry without TLS, or with.

Without an ingress controller: --type NodePort or LoadBalancer change the Service itself, and
--type ClusterIP takes that back.

NAME is docker-registry where none is given.`,
		Example: `  regctl expose svc/docker-registry --hostname=registry.example.com
  regctl expose docker-registry --type=NodePort`,
		Args: cobra.MaximumNArgs(1),
	}
	x.mutation = addMutation(env, cmd)
	x.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return x.run(cmd.Context(), env, args) }
	return cmd
}

func (x *exposeFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	x.kind = enumFlag(cmd, "type", "", "", "change the Service itself: NodePort, LoadBalancer or ClusterIP", kube.NodePort, kube.LoadBalancer, kube.ClusterIP)
	f.BoolVar(&x.passthrough, "passthrough", false, "TLS ends at the registry; this is what is done where nothing else is said")
	f.BoolVar(&x.edge, "edge", false, "TLS ends at the ingress controller")
	f.BoolVar(&x.reencrypt, "reencrypt", false, "TLS ends at the ingress controller, which speaks TLS to the registry")
	f.StringVar(&x.Host, "hostname", "", "the `host` name by which the registry is called")
	f.StringVar(&x.Path, "path", "", "only requests below this `path` (--edge and --reencrypt)")
	f.StringVar(&x.Port, "port", "", "the Service's `port`, by name or number")
	f.StringVar(&x.Name, "name", "", "the `name` of what is made; by default the Service's")
	f.StringToStringVarP(&x.Labels, "labels", "l", nil, "`labels` (a=b,c=d) of what is made, beside the Service's")
	f.Lookup("labels").DefValue = ""
	f.StringVar(&x.cert, "cert", "", "the certificate's `file`, with its chain (--edge and --reencrypt)")
	f.StringVar(&x.key, "key", "", "its key's `file`")
	f.StringVar(&x.TLSSecret, "tls-secret", "", "the `secret` with the certificate, of type kubernetes.io/tls, instead of --cert and --key")
	f.StringVar(&x.ca, "dest-ca-cert", "", "check the registry's certificate by the CA in this `file` (--reencrypt)")
	f.StringVar(&x.Class, "ingress-class", "", "the ingress `class`; by default one that can do it")
	c := enumFlag(cmd, "controller", "", "", "the ingress controller, where it cannot be found: "+strings.Join(kube.Controllers(), ", "), kube.Controllers()...)
	f.Lookup("controller").Value = boundEnum{c, &x.Controller}
	f.StringVar(&x.Gateway, "gateway", "", "a `Gateway`, [NAMESPACE/]NAME[:LISTENER], to which a TLSRoute is attached")
	f.StringVar(&x.wildcard, "wildcard-policy", "None", "`None`; Subdomain is for routes")
	_ = f.MarkHidden("wildcard-policy") // the only failure is a flag that does not exist
}

// boundEnum keeps a string in step with its flag.
type boundEnum struct {
	*enum
	to *string
}

// Type keeps the list of names out of the help's first column.
func (b boundEnum) Type() string { return "controller" }

func (b boundEnum) Set(s string) error {
	err := b.enum.Set(s)
	if err == nil {
		*b.to = s
	}
	return err
}

func (x *exposeFlags) run(ctx context.Context, env *Env, args []string) error {
	if err := x.read(args); err != nil {
		return err
	}
	client, err := x.client(env)
	if err != nil {
		return err
	}
	x.Client, x.Force, x.Warn, x.Say = client, x.force, env.Warn, env.Say
	first, err := x.certificates(client)
	if err != nil {
		return err
	}
	changes, err := x.Plan(ctx)
	if err != nil {
		return err
	}
	if err := x.mutation.run(ctx, env, client, append(first, changes...)); err != nil || x.dry() {
		return err
	}
	return x.tell(ctx, env)
}

// read makes sense of the arguments and flags.
func (x *exposeFlags) read(args []string) (err error) {
	x.Service = platform.DefaultName
	if len(args) > 0 {
		if x.Service, err = nameOf(args[0], "service", "services", "svc"); err != nil {
			return err
		}
	}
	chosen := 0
	x.Kind = kube.Passthrough
	for kind, on := range map[string]bool{kube.Passthrough: x.passthrough, kube.Edge: x.edge, kube.Reencrypt: x.reencrypt, x.kind.value: x.kind.value != ""} {
		if on {
			x.Kind = kind
			chosen++
		}
	}
	switch {
	case chosen > 1:
		return hint.BadUsage(errors.New("--passthrough, --edge, --reencrypt and --type exclude each other"), "choose one")
	case x.wildcard != "None":
		return hint.BadUsage(fmt.Errorf("--wildcard-policy %s: only routes have it", x.wildcard), "name a wildcard instead: --hostname='*.registry.example.com'")
	case (x.cert == "") != (x.key == ""):
		return hint.BadUsage(errors.New("--cert and --key belong together"), "give both, or --tls-secret")
	case x.cert != "" && x.TLSSecret != "":
		return hint.BadUsage(errors.New("--tls-secret excludes --cert and --key"), "leave out one of them")
	}
	return nil
}

// certificates are the secrets for the files that were given.
func (x *exposeFlags) certificates(client *cluster.Client) (changes []plan.Change, err error) {
	name := cmp.Or(x.Name, x.Service)
	add := func(name, kind string, data secrets.Data) string {
		changes = append(changes, &cluster.Apply{Client: client, Object: secretObject(client.Namespace, name, kind, data), Concern: "expose", Force: x.force})
		return name
	}
	if x.cert != "" {
		data, err := pairOf(x.cert, x.key)
		if err != nil {
			return nil, err
		}
		x.TLSSecret = add(name+"-ingress-tls", secrets.TLS, data)
	}
	if x.ca != "" {
		ca, err := secrets.ReadFile(x.ca)
		if err != nil {
			return nil, err
		}
		x.CASecret = add(name+"-backend-ca", secrets.Opaque, secrets.Data{"ca.crt": ca, "tls.crt": ca}) // controllers differ in the key
	}
	return changes, nil
}

// pairOf reads a certificate and its key, which must match.
func pairOf(cert, key string) (secrets.Data, error) {
	certPEM, err := secrets.ReadFile(cert)
	if err != nil {
		return nil, err
	}
	keyPEM, err := secrets.ReadFile(key)
	if err != nil {
		return nil, err
	}
	data := secrets.Data{"tls.crt": certPEM, "tls.key": keyPEM}
	if _, err := secrets.Check(secrets.TLS, data); err != nil {
		return nil, hint.New(fmt.Errorf("%s, %s: %w", cert, key, err), hint.Of(err))
	}
	return data, nil
}

// tell says where the registry is now, and what to do next.
func (x *exposeFlags) tell(ctx context.Context, env *Env) error {
	if !x.wait && x.Kind == kube.LoadBalancer {
		return nil
	}
	host, err := x.Address(ctx, x.timeout)
	if err != nil || host == "" {
		return err
	}
	next := x.Next(ctx, host)
	env.Say("the registry is at %s; next:", host)
	for _, line := range next {
		env.Say("  %s", line)
	}
	return nil
}
