package route

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/regctl/regctl/internal/cluster"
	"github.com/regctl/regctl/internal/platform"
	"github.com/regctl/regctl/pkg/hint"
)

// Check finds what the API server would refuse, and what cannot be meant, without asking it.
func Check(e platform.Exposure) error {
	for _, check := range []func(platform.Exposure) error{checkHost, checkCertificates, checkPolicies, checkPath} {
		if err := check(e); err != nil {
			return err
		}
	}
	return nil
}

func checkHost(e platform.Exposure) error {
	switch {
	case e.Host == "":
		return nil // the server makes one up
	case strings.HasPrefix(e.Host, "*."):
		return hint.BadUsage(fmt.Errorf("--hostname %s: a route has the wildcard in its policy", e.Host), "--hostname registry"+e.Host[1:]+" --wildcard-policy Subdomain")
	case net.ParseIP(e.Host) != nil:
		return hint.BadUsage(fmt.Errorf("--hostname %s: a name is needed, since the router tells requests apart by it", e.Host), "--hostname registry.example.com, or none: the router makes one up")
	case cluster.CheckName(e.Host) != nil || !strings.Contains(e.Host, "."):
		return hint.BadUsage(fmt.Errorf("--hostname %q: must be a host name with a domain, in small letters, without scheme and port", e.Host), "--hostname registry.example.com, or none: the router makes one up")
	}
	return nil
}

func checkCertificates(e platform.Exposure) error {
	given := e.TLSSecret != "" || e.Certificate != nil || e.Key != nil
	backend := e.CASecret != "" || e.BackendCA != nil
	switch {
	case given && (e.Kind == "" || e.Kind == platform.Passthrough):
		return hint.BadUsage(errors.New("passthrough takes no certificate: the registry shows its own"), "leave out --cert, --key and --tls-secret, or add --edge or --reencrypt")
	case e.Chain != nil && !given:
		return hint.BadUsage(errors.New("--ca-cert: is the chain of --cert, which is missing"), "add --cert FILE --key FILE; for the CA of the registry's own certificate: --dest-ca-cert FILE")
	case backend && e.Kind != platform.Reencrypt:
		return hint.BadUsage(errors.New("--dest-ca-cert: only --reencrypt looks at the registry's certificate"), "leave it out, or add --reencrypt")
	}
	return nil
}

func checkPolicies(e platform.Exposure) error {
	switch {
	case e.InsecurePolicy == platform.InsecureAllow && (e.Kind == "" || e.Kind == platform.Passthrough):
		return hint.BadUsage(errors.New("--insecure-policy Allow: with passthrough the router cannot let requests without TLS through"), "--insecure-policy Redirect, or None")
	case e.WildcardPolicy == "Subdomain" && e.Host == "":
		return hint.BadUsage(errors.New("--wildcard-policy Subdomain: of which domain? --hostname is missing"), "add --hostname registry.apps.example.com for all of apps.example.com")
	}
	return nil
}

func checkPath(e platform.Exposure) error {
	switch {
	case e.Path == "":
	case e.Kind == "" || e.Kind == platform.Passthrough:
		return hint.BadUsage(fmt.Errorf("--path %s: TLS that is passed through hides the path", e.Path), "leave out --path, or add --edge")
	case !strings.HasPrefix(e.Path, "/"):
		return hint.BadUsage(fmt.Errorf("--path %q: must begin with /", e.Path), "")
	}
	return nil
}
