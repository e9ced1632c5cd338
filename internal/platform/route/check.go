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
		return hint.BadUsage(fmt.Errorf("--hostname %s: routes specify wildcards by --wildcard-policy", e.Host), "--hostname registry"+e.Host[1:]+" --wildcard-policy Subdomain")
	case net.ParseIP(e.Host) != nil:
		return hint.BadUsage(fmt.Errorf("--hostname %s: must be a DNS name, not an IP address", e.Host), "--hostname registry.example.com, or omit --hostname: the router generates a name")
	case cluster.CheckName(e.Host) != nil || !strings.Contains(e.Host, "."):
		return hint.BadUsage(fmt.Errorf("--hostname %q: must be a lower-case host name with a domain, without scheme and port", e.Host), "--hostname registry.example.com, or omit --hostname: the router generates a name")
	}
	return nil
}

func checkCertificates(e platform.Exposure) error {
	given := e.TLSSecret != "" || e.Certificate != nil || e.Key != nil
	backend := e.CASecret != "" || e.BackendCA != nil
	switch {
	case given && (e.Kind == "" || e.Kind == platform.Passthrough):
		return hint.BadUsage(errors.New("a certificate cannot be used with passthrough: the registry presents its own"), "omit --cert, --key and --tls-secret, or add --edge or --reencrypt")
	case e.Chain != nil && !given:
		return hint.BadUsage(errors.New("--ca-cert: requires --cert, whose chain it completes"), "add --cert FILE --key FILE; for the CA of the registry's own certificate: --dest-ca-cert FILE")
	case backend && e.Kind != platform.Reencrypt:
		return hint.BadUsage(errors.New("--dest-ca-cert: requires --reencrypt"), "omit it, or add --reencrypt")
	}
	return nil
}

func checkPolicies(e platform.Exposure) error {
	switch {
	case e.InsecurePolicy == platform.InsecureAllow && (e.Kind == "" || e.Kind == platform.Passthrough):
		return hint.BadUsage(errors.New("--insecure-policy Allow: cannot be used with passthrough"), "use --insecure-policy Redirect, or None")
	case e.WildcardPolicy == "Subdomain" && e.Host == "":
		return hint.BadUsage(errors.New("--wildcard-policy Subdomain: requires --hostname"), "add --hostname registry.apps.example.com for all of apps.example.com")
	}
	return nil
}

func checkPath(e platform.Exposure) error {
	switch {
	case e.Path == "":
	case e.Kind == "" || e.Kind == platform.Passthrough:
		return hint.BadUsage(fmt.Errorf("--path %s: cannot be used with passthrough, which cannot read the path", e.Path), "omit --path, or add --edge")
	case !strings.HasPrefix(e.Path, "/"):
		return hint.BadUsage(fmt.Errorf("--path %q: must begin with /", e.Path), "")
	}
	return nil
}
