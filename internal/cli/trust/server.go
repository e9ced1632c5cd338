package trust

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/regctl/regctl/internal/cli/cmdutil"
	"github.com/regctl/regctl/pkg/certs"
	"github.com/regctl/regctl/pkg/hint"
	"github.com/regctl/regctl/pkg/trust"
)

// presented connects to a registry and returns the certificates that it shows.
func presented(ctx context.Context, e *cmdutil.Env, h trust.Host) ([]*x509.Certificate, error) {
	ctx, stop := context.WithTimeout(ctx, 20*time.Second)
	defer stop()
	return trust.Presented(ctx, new(net.Dialer).DialContext, h)
}

// serverCA is the highest certificate that the server shows, once its fingerprint is confirmed.
func (a *trustAdd) serverCA(ctx context.Context, h trust.Host) ([]*x509.Certificate, error) {
	shown, err := presented(ctx, a.env, h)
	if err != nil {
		return nil, err
	}
	path := trust.Path(shown)
	a.show(h, path)
	top, err := trust.Top(h, path)
	if err != nil {
		return nil, err
	}
	if a.env.Now().After(top.NotAfter) {
		return nil, hint.Errorf("renew it on the registry's machine: regctl ca renew", "%s: %s has expired on %s", h, top.Subject, top.NotAfter.UTC().Format(time.DateOnly))
	}
	if err := path[0].VerifyHostname(h.ServerName()); err != nil {
		a.env.Warn("%s: %v", h, err)
	}
	if !top.IsCA {
		a.env.Warn("%s: it has signed its own certificate: this works for that certificate only and breaks at renewal", h)
	}
	return []*x509.Certificate{top}, a.confirm(h, path)
}

func (a *trustAdd) show(h trust.Host, path []*x509.Certificate) {
	a.env.Say("%s shows:", h)
	for i, c := range path {
		a.env.Say("  %d. %s, until %s", i+1, c.Subject, c.NotAfter.UTC().Format(time.DateOnly))
		a.env.Say("     SHA-256 %s", certs.Fingerprint(c))
	}
}

// confirm wants the user to know one of the certificates: each vouches for the ones
// above it as well, since those have signed it.
func (a *trustAdd) confirm(h trust.Host, path []*x509.Certificate) error {
	top := path[len(path)-1]
	if a.fingerprint != "" {
		if slices.ContainsFunc(path, func(c *x509.Certificate) bool { return sameFingerprint(a.fingerprint, certs.Fingerprint(c)) }) {
			return nil
		}
		return hint.Errorf("on the registry's machine: regctl ca inspect FILE", "%s: no certificate with the fingerprint %s is shown: another server may be answering", h, a.fingerprint)
	}
	advice := "compare it on the registry's machine, then add --fingerprint " + certs.Fingerprint(top)
	if a.yes {
		return hint.BadUsage(fmt.Errorf("%s: --yes alone does not make a CA of the server trustworthy", h), advice)
	}
	if err := a.env.Confirm(fmt.Sprintf("Believe %s, SHA-256 %s?", top.Subject, certs.Fingerprint(top)), "--fingerprint"); err != nil {
		if _, tty := cmdutil.Terminal(a.env.In); !tty {
			return hint.BadUsage(errors.Unwrap(err), advice)
		}
		return err
	}
	return nil
}
