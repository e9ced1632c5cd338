package trust

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/trust"
)

// presented connects to a registry and returns the certificates that it presents.
func presented(ctx context.Context, h trust.Host) ([]*x509.Certificate, error) {
	ctx, stop := context.WithTimeout(ctx, 20*time.Second)
	defer stop()
	shown, err := trust.Presented(ctx, http.ProxyFromEnvironment, h)
	return shown, advised(h, err)
}

// serverCA is the highest certificate that the server presents, once its fingerprint is confirmed.
func (a *trustAdd) serverCA(ctx context.Context, h trust.Host) ([]*x509.Certificate, error) {
	shown, err := presented(ctx, h)
	if err != nil {
		return nil, err
	}
	path := trust.Path(shown)
	a.show(h, path)
	top, err := trust.Top(h, path)
	if err != nil {
		return nil, advised(h, err)
	}
	if a.env.Now().After(top.NotAfter) {
		return nil, advised(h, fmt.Errorf("%s: %w", h, &trust.ExpiredError{Cert: top}))
	}
	if err := path[0].VerifyHostname(h.ServerName()); err != nil {
		a.env.Warn("%s: %v", h, err)
	}
	if !top.IsCA {
		a.env.Warn("%s: its certificate is self-signed: trust ends when the certificate is renewed", h)
	}
	return []*x509.Certificate{top}, a.confirm(h, path)
}

func (a *trustAdd) show(h trust.Host, path []*x509.Certificate) {
	a.env.Say("%s presents:", h)
	for i, c := range path {
		a.env.Say("  %d. %s, until %s", i+1, c.Subject, c.NotAfter.UTC().Format(time.DateOnly))
		a.env.Say("     SHA-256 %s", certs.Fingerprint(c))
	}
}

// confirm requires that the user knows one of the certificates: that confirms those above it
// as well, since they have signed it.
func (a *trustAdd) confirm(h trust.Host, path []*x509.Certificate) error {
	top := path[len(path)-1]
	if a.fingerprint != "" {
		if slices.ContainsFunc(path, func(c *x509.Certificate) bool { return sameFingerprint(a.fingerprint, certs.Fingerprint(c)) }) {
			return nil
		}
		return hint.Errorf("compare it on the registry's machine: regctl ca inspect FILE", "%s: no certificate with the fingerprint %s is presented: another server may be answering", h, a.fingerprint)
	}
	advice := "compare the fingerprint on the registry's machine, then add --fingerprint " + certs.Fingerprint(top)
	if a.yes {
		return hint.BadUsage(fmt.Errorf("%s: --yes does not confirm the fingerprint of a CA", h), advice)
	}
	if err := a.env.Confirm(fmt.Sprintf("Trust %s, SHA-256 %s?", top.Subject, certs.Fingerprint(top)), "--fingerprint"); err != nil {
		if _, tty := cmdutil.Terminal(a.env.In); !tty {
			return hint.BadUsage(errors.Unwrap(err), advice)
		}
		return err
	}
	return nil
}
